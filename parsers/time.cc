#include "parsers/time.h"

#include <fmt/chrono.h>

namespace ticketd {

std::string iso8601(Time at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)));
}

}  // namespace ticketd
