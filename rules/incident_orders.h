#pragma once

#include <string>
#include <variant>

#include "rules/decide.h"

namespace ticketd {

/// What staff declare as a major incident.
struct OpenIncident {
  std::string title;
  IncidentMatch match = IncidentMatch::by_hand;
  std::string pattern;  ///< as in Incident
  std::string text;     ///< may be empty
};

/// The incident, without its number, or why it can't be declared. `organizations`: those that the store has.
[[nodiscard]] std::variant<Incident, Refusal> decide_open_incident(const OpenIncident& order,
                                                                   const std::vector<std::string>& organizations,
                                                                   const Ruleset& ruleset, Time now);

/// Why nothing can be said of an incident any more; nullopt when it can. `incident` is empty where there is none.
[[nodiscard]] std::optional<Refusal> incident_obstacle(IncidentNumber wanted, const std::optional<Incident>& incident);

/// An event of no ticket, for the store's log.
[[nodiscard]] Decision incident_event(const Actor& actor, std::string_view kind, std::string detail, Time now);

}  // namespace ticketd
