#pragma once

#include <cstdint>

#include "parsers/time.h"

namespace ticketd {

/// How long to wait after failure number `failures` (from 1): `first`, doubled each time up to `longest`, and up to a
/// quarter less by `random` (0 to below 1), so that what failed together does not come back together.
[[nodiscard]] Duration backoff_delay(std::uint32_t failures, Duration first, Duration longest, double random);

}  // namespace ticketd
