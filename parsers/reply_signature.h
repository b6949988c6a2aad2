#pragma once

#include <cstddef>
#include <vector>

#include "parsers/reply_lines.h"

namespace ticketd {

/// Which of the lines [start, end), written by one person without a quote between them, are a signature: what stands
/// below the last delimiter (RFC 3676 §4.3), a mailing list's footer, what a mail program adds, a name behind a dash.
/// Ordered; blank lines are left out where they stand at an end.
[[nodiscard]] std::vector<std::size_t> find_signature(const ReplyLines& lines, std::size_t start, std::size_t end);

}  // namespace ticketd
