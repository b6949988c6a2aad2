#pragma once

#include <string>

#include "parsers/time.h"

namespace ticketd {

// What the conversations take from the world around them.

/// 0 to below 1.
[[nodiscard]] double random_fraction();
/// The wall clock.
[[nodiscard]] Time system_now();
/// This start of the machine: 32 hex digits, the same for all programs on it. Where /proc is hidden from the service,
/// $TICKETD_BOOT_ID tells it (the unit's `%b`, systemd.unit(5)); empty where neither does.
[[nodiscard]] std::string boot_id();

}  // namespace ticketd
