#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ticketd {

/// The lines of a text file: without their ends, which are LF or CRLF.
[[nodiscard]] std::vector<std::string_view> split_lines(std::string_view text);

/// What is wrong with a line in which placeholders are `{name}`, and `{{` and `}}` literal braces: "line 4: unknown
/// placeholder {foo}; allowed are …".
[[nodiscard]] std::vector<std::string> placeholder_errors(std::string_view line, std::size_t number,
                                                          const std::vector<std::string_view>& allowed);

/// A line in which placeholders are `{name}`, read once and filled often.
class PlaceholderLine {
 public:
  PlaceholderLine() = default;
  /// `line` has none of the errors that `placeholder_errors` finds by itself (std::logic_error else).
  explicit PlaceholderLine(std::string_view line);

  /// The names of its placeholders, in their order.
  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] bool empty() const { return pieces_.empty(); }
  [[nodiscard]] bool holds_placeholder() const;

  /// The line with what `value_of(name)` gives for each placeholder. Values are inserted as they are, once: braces in
  /// them mean nothing.
  template <class ValueOf>
  [[nodiscard]] std::string filled(const ValueOf& value_of) const {
    std::string text;
    for (const auto& piece : pieces_)
      if (piece.is_placeholder)
        text += value_of(std::string_view(piece.text));
      else
        text += piece.text;
    return text;
  }

  /// A stretch of the line: literal text, or the name of a placeholder.
  struct Piece {
    bool is_placeholder = false;
    std::string text;
  };

 private:
  std::vector<Piece> pieces_;
};

}  // namespace ticketd
