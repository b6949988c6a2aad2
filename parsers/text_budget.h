#pragma once

#include <cstddef>

namespace ticketd {

/// How many octets of formatted text are still read, of all parts of a mail together: many small texts are not to cost
/// what one large text may not. What is read is taken off.
struct TextBudget {
  std::size_t html = 2 * 1024 * 1024;
  std::size_t rtf = 16 * 1024 * 1024;  ///< decompressed
};

}  // namespace ticketd
