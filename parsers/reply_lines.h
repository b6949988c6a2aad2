#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ticketd {

/// The label before a line's colon, as a HeaderRole or why it is none.
enum class FieldLabel : std::uint8_t { unread, none, unknown, from, sent, to, subject, other, transport };

/// The lines of a text, and what each looks like by itself.
class ReplyLines {
 public:
  explicit ReplyLines(std::string_view text);

  std::size_t size() const { return starts_.size() - 1; }
  std::size_t start(std::size_t line) const { return starts_[line]; }
  /// As it was sent, without its line feed.
  std::string_view raw(std::size_t line) const;
  /// Without white space and marks of writing direction at its ends.
  std::string_view at(std::size_t line) const;
  bool blank(std::size_t line) const { return at(line).empty(); }
  /// Marks of mail programs stand near the beginning, or near the end where people write below: the middle of a text of
  /// many thousand lines is a log.
  bool near_end(std::size_t line) const;
  /// Starts with `>`, or with the bar that some mail programs quote with.
  bool marked(std::size_t line) const;
  /// What header field the line looks like, read once: blocks that turn out to be none overlap.
  FieldLabel label(std::size_t line) const;
  /// What stands behind that label.
  std::string_view value(std::size_t line) const;
  /// The first line from `line` on that is not blank; `size()` when there is none.
  std::size_t next_written(std::size_t line) const;

 private:
  std::string_view text_;
  std::vector<std::uint32_t> starts_;
  mutable std::vector<FieldLabel> labels_;
};

/// As fold_for_comparison, which ASCII doesn't need; with ASCII digits.
[[nodiscard]] std::string fold_line(std::string_view line);
/// `--`, `—`: what stands alone above a signature.
[[nodiscard]] bool is_signature_delimiter(std::string_view line);
/// Nothing but the characters that rules are drawn with.
[[nodiscard]] bool is_rule(std::string_view line);
/// Without marks of quoting at its start.
[[nodiscard]] std::string_view without_marks(std::string_view line);
/// Letters or digits.
[[nodiscard]] bool holds_words(std::string_view line);
/// `text` without any of these characters at its ends.
[[nodiscard]] std::string_view without(std::string_view text, std::string_view characters);

}  // namespace ticketd
