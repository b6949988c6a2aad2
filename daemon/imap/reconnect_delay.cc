#include "daemon/imap/reconnect_delay.h"

#include <algorithm>

namespace ticketd {

Duration reconnect_delay(unsigned failures, double random) {
  constexpr unsigned kMaxDoublings = 16;
  constexpr Duration kMax = std::chrono::minutes{5};
  const Duration full = std::min(kMax, Duration{std::chrono::seconds{1}} * (1 << std::min(failures, kMaxDoublings)));
  return full / 2 + std::chrono::duration_cast<Duration>((full / 2) * random);
}

}  // namespace ticketd
