#pragma once

#include <string>

#include "parsers/time.h"
#include "rules/ruleset.h"

namespace ticketd {

/// "12 minutes ago", "in 3 hours", "just now".
[[nodiscard]] std::string relative_time(Time at, Time now);

/// "2026-11-24 10:30:05 CET" in the desk's time zone: no two seconds read the same.
[[nodiscard]] std::string local_time_text(Time at, const Ruleset& ruleset);

}  // namespace ticketd
