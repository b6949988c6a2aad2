#pragma once

#include <optional>
#include <string>

#include "parsers/time.h"

namespace ticketd {

/// "2026-11-24T10:05:00Z": ISO 8601, UTC, whole seconds.
[[nodiscard]] std::string iso8601(Time at);
/// "12 minutes ago", "in 3 hours", "just now".
[[nodiscard]] std::string relative_time(Time at, Time now);

}  // namespace ticketd
