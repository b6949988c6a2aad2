#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ticketd {

/// The label before a line's colon, as a HeaderRole or why it is none.
enum class FieldLabel : std::uint8_t { unread, none, unknown, from, sent, to, subject, other };

/// The lines of a text, and what each looks like by itself or with the few below it. Marks are looked for in the first
/// `kLongestMark` octets of a line only.
class ReplyLines {
 public:
  explicit ReplyLines(std::string_view text);

  std::size_t size() const { return starts_.size() - 1; }
  std::size_t start(std::size_t line) const { return starts_[line]; }
  /// Without white space at its ends.
  std::string_view at(std::size_t line) const;
  bool blank(std::size_t line) const { return at(line).empty(); }
  /// Starts with `>`, or with the bar that some mail programs quote with.
  bool marked(std::size_t line) const;
  /// What header field the line looks like, read once: blocks that turn out to be none overlap.
  FieldLabel label(std::size_t line) const;
  /// The first line from `line` on that is not blank; `size()` when there is none.
  std::size_t next_written(std::size_t line) const;

 private:
  std::string_view text_;
  std::vector<std::uint32_t> starts_;
  mutable std::vector<FieldLabel> labels_;
};

/// How much a mark says that another mail follows.
enum class MarkKind {
  none,
  weak,     ///< could be prose: counts above marked lines only
  strong,   ///< "On DATE, NAME wrote:", a header block, "-----Original Message-----"
  forward,  ///< the same, of a forwarded mail
};

struct QuoteMark {
  MarkKind kind = MarkKind::none;
  std::size_t lines = 0;  ///< how many it takes
};

/// The mark that starts at this line.
[[nodiscard]] QuoteMark quote_mark(const ReplyLines& lines, std::size_t line);
/// The same for a text that stands behind `>`.
[[nodiscard]] bool is_attribution(std::string_view line);
/// "Begin forwarded message:", which Apple Mail puts behind `>` with all that follows.
[[nodiscard]] bool is_forward_mark(std::string_view line);
/// "Sent from my iPhone" in any language.
[[nodiscard]] bool is_client_signature(std::string_view line);
/// `--`, `—`: what stands alone above a signature.
[[nodiscard]] bool is_signature_delimiter(std::string_view line);
/// Nothing but the characters that rules are drawn with.
[[nodiscard]] bool is_rule(std::string_view line);

}  // namespace ticketd
