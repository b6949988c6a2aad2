#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/email.h"

namespace ticketd {

/// The fields at the start of a mail or part, and where its body starts.
struct HeaderBlock {
  std::vector<HeaderField> fields;  ///< values unfolded (RFC 5322 §2.2.3) and trimmed
  std::size_t body = 0;             ///< offset into the octets
  bool repaired = false;            ///< lines that are no field were skipped, or the blank line is missing
  bool truncated = false;           ///< fields or octets beyond the limits were left out
};

/// How a mail ends its lines: LF, CRLF and CR CR LF are told apart at each line, a lone CR only where the first line
/// has it.
[[nodiscard]] bool lines_end_in_cr(std::string_view octets);

/// Where the line at `at` ends, and where the next one starts.
struct LineEnd {
  std::size_t end = 0;
  std::size_t next = 0;
};
[[nodiscard]] LineEnd find_line_end(std::string_view octets, std::size_t at, bool cr_lines);

/// Reads header fields from `at` on. `is_delimiter` says of a line whether it is that of an open multipart: then the
/// header is over. `outermost` skips what may precede a whole mail: BOM, blank lines, an mbox line. Never fails.
[[nodiscard]] HeaderBlock read_header_block(std::string_view octets, std::size_t at, bool outermost, bool cr_lines,
                                            const ParseLimits& limits,
                                            const std::function<bool(std::string_view)>& is_delimiter);

}  // namespace ticketd
