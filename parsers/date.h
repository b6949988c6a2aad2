#pragma once

#include <optional>
#include <string_view>

#include "parsers/time.h"

namespace ticketd {

/// A Date field (RFC 5322 §3.3) or the date at the end of a Received field, with the obsolete years and zones of §4.3
/// and what else is sent: asctime, ISO 8601, `10-Jan-2024`, zone names. An unknown zone is UTC. nullopt without a valid
/// day, month, year and time of day.
[[nodiscard]] std::optional<Time> parse_date(std::string_view raw);

}  // namespace ticketd
