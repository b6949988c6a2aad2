#pragma once

#include <optional>
#include <string_view>

#include "rules/ruleset.h"

namespace ticketd {

/// A later instant, as staff write it: "90m", "2h", "3d" from now on; "14:30", the next one on the desk's clock;
/// "2026-12-01 14:30" on the desk's clock; ISO 8601 with an offset, "2026-12-01T14:30:00Z", "…+01:00". nullopt: none of
/// these, not after `now`, or further away than ten years.
[[nodiscard]] std::optional<Time> parse_later_time(std::string_view words, Time now, const Ruleset& ruleset);

/// An earlier one: "90m", "2h", "30d" before now; "2026-12-01", its midnight on the desk's clock; or dated with a time,
/// as above. nullopt: none of these, or after `now`.
[[nodiscard]] std::optional<Time> parse_earlier_time(std::string_view words, Time now, const Ruleset& ruleset);

}  // namespace ticketd
