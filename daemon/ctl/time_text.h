#pragma once

#include <string>

#include "parsers/time.h"

namespace ticketd {

/// "12 minutes ago", "in 3 hours", "just now".
[[nodiscard]] std::string relative_time(Time at, Time now);

}  // namespace ticketd
