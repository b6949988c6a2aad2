#pragma once

#include "parsers/time.h"

namespace ticketd {

// What the conversations take from the world around them.

/// 0 to below 1.
[[nodiscard]] double random_fraction();
/// The wall clock.
[[nodiscard]] Time system_now();

}  // namespace ticketd
