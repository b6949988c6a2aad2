#pragma once

#include "parsers/time.h"

namespace ticketd {

/// How long to wait before the next try after `failures` failed ones in a row (0: it has just broken): 1 s, doubled
/// with each, at most 5 minutes; of that, between half and all of it as `random` in [0, 1) says, so that many don't
/// come at once.
[[nodiscard]] Duration reconnect_delay(unsigned failures, double random);

}  // namespace ticketd
