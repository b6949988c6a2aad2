#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/time.h"

namespace ticketd {

/// Counts from 1, apart from tickets.
enum class IncidentNumber : std::int64_t {};
/// "incident 3": as people write it.
[[nodiscard]] std::string shown_incident(IncidentNumber number);

/// Which new tickets belong to an incident by themselves. The names are persistent: do not change.
enum class IncidentMatch { by_hand, words, organization, all };
[[nodiscard]] std::string_view name_of(IncidentMatch);
[[nodiscard]] std::optional<IncidentMatch> incident_match_from_name(std::string_view);

/// A major incident (service-rules §7).
struct Incident {
  IncidentNumber number{};
  std::string title;  ///< one line, in public
  IncidentMatch match = IncidentMatch::by_hand;
  std::string pattern;  ///< the regular expression (RE2, as in [[rule]]), or the organization's name; else empty
  Time opened_at{};
  std::optional<Time> resolved_at;
  std::string text;  ///< what was said of it last, in public; may be empty
};

/// A request as incidents are matched with it: a mail's subject and text, or what was said on the telephone.
struct IncidentReport {
  std::string_view subject;
  std::string_view text;
  std::string_view organization;
};

/// The open incident that a new request belongs to; nullptr for none. One that means it by its words goes before one
/// that means its organization, and that before one that means all; of the same kind, the latest.
[[nodiscard]] const Incident* matching_incident(const std::vector<Incident>& open, const IncidentReport& report);

/// What is wrong with a pattern, as RE2 says it; empty when it can be used.
[[nodiscard]] std::string pattern_error(const std::string& pattern);

}  // namespace ticketd
