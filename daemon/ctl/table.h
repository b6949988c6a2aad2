#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ticketd {

/// Where a line that is folded goes on: where its text begins or, of a table, its last column (behind the last two
/// blanks in a row).
enum class Hanging { at_column, at_text };

/// How output for people looks: colour, and lines that fit, only on a terminal.
struct TextStyle {
  bool colour = false;
  std::size_t width = 0;  ///< of the terminal, in columns; 0: lines are as long as they are

  [[nodiscard]] std::string fitted(std::string_view text, Hanging hanging = Hanging::at_column) const;
  [[nodiscard]] std::string bold(std::string_view text) const { return wrap("1", text); }
  [[nodiscard]] std::string dim(std::string_view text) const { return wrap("2", text); }
  [[nodiscard]] std::string red(std::string_view text) const { return wrap("31", text); }

 private:
  [[nodiscard]] std::string wrap(std::string_view code, std::string_view text) const;
};

/// Aligned columns. Cells are made printable; widths count code points.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> heading) : rows_{std::move(heading)} {}
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  /// Marks the row added last.
  void mark_red() { red_.push_back(rows_.size() - 1); }
  [[nodiscard]] std::string render(const TextStyle& style) const;

 private:
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::size_t> red_;
};

/// In columns; 80 where a terminal does not tell, 0 where `file` is none.
[[nodiscard]] std::size_t terminal_width(int file);

/// The first `width` code points, with "…" where something was cut.
[[nodiscard]] std::string shorten(std::string_view text, std::size_t width);

/// Lines of at most `width` code points, broken at blanks; a longer word, and so what stands in backquotes, which is a
/// command to be copied, stays whole on a line of its own. With a width of 0 nothing is broken.
[[nodiscard]] std::string folded(std::string_view text, std::size_t width, Hanging hanging = Hanging::at_column);

}  // namespace ticketd
