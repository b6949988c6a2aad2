#pragma once

#include <boost/json/object.hpp>
#include <span>
#include <string>
#include <vector>

#include "daemon/ctl/table.h"
#include "rules/organization_record.h"
#include "rules/ruleset.h"

/// What ticketctl says of organizations.
namespace ticketd {

struct OrganizationCase {
  Organization configured;               ///< only its name, where the configuration does not have it
  std::optional<Time> downgraded_until;  ///< may lie in the past
  std::uint32_t counting_strikes = 0;    ///< within the window, without settled ones
  std::vector<Strike> strikes;           ///< all on record, oldest first
  std::vector<Event> events;             ///< what changed its standing, oldest first
};

/// {name, domains, addresses, downgraded_until, strikes, events}; a downgrade that is over is null.
[[nodiscard]] boost::json::object organization_json(const OrganizationCase& organization, Time now);
[[nodiscard]] std::string present_organizations(std::span<const OrganizationCase> organizations, const Ruleset& ruleset,
                                                Time now, const TextStyle& style);
[[nodiscard]] std::string present_organization(const OrganizationCase& organization, const Ruleset& ruleset, Time now,
                                               const TextStyle& style);

}  // namespace ticketd
