#pragma once

#include <cstddef>
#include <string_view>

#include "parsers/reply_lines.h"

namespace ticketd {

/// How much a mark says that another mail follows.
enum class MarkKind {
  none,
  weak,     ///< could be prose: counts above marked lines only
  doubted,  ///< the same, but more likely a mark than prose
  strong,   ///< "On DATE, NAME wrote:", a header block, "-----Original Message-----"
  forward,  ///< the same, of a forwarded mail
};

struct QuoteMark {
  MarkKind kind = MarkKind::none;
  std::size_t lines = 0;  ///< how many it takes
};

/// The mark that starts at this line, if it is near either end of the text.
[[nodiscard]] QuoteMark quote_mark(const ReplyLines& lines, std::size_t line);
/// "On DATE, NAME <ADDRESS> wrote:" in a text that stands behind `>`.
[[nodiscard]] bool is_attribution(std::string_view line);
/// "Begin forwarded message:", which Apple Mail puts behind `>` with all that follows.
[[nodiscard]] bool is_forward_mark(std::string_view line);

}  // namespace ticketd
