#include "daemon/net/backoff.h"

#include <algorithm>

namespace ticketd {

Duration backoff_delay(std::uint32_t failures, Duration first, Duration longest, double random) {
  Duration delay = std::min(first, longest);
  for (std::uint32_t i = 1; i < failures && delay < longest; ++i) delay = delay > longest / 2 ? longest : delay * 2;
  const auto less = static_cast<Duration::rep>(static_cast<double>(delay.count()) * 0.25 * random);
  return delay - Duration{less};
}

}  // namespace ticketd
