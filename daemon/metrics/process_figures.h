#pragma once

#include <cstdint>

namespace ticketd {

/// Of this process, as the kernel counts.
struct ProcessFigures {
  double cpu_seconds = 0;             ///< user and system, all threads
  std::uint64_t resident_octets = 0;  ///< 0 where /proc says nothing
};
[[nodiscard]] ProcessFigures process_figures();

}  // namespace ticketd
