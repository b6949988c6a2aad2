#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ticketd {

/// How output for people looks: colour only on a terminal.
struct TextStyle {
  bool colour = false;

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

/// The first `width` code points, with "…" where something was cut.
[[nodiscard]] std::string shorten(std::string_view text, std::size_t width);

/// Lines of at most `width` code points, broken at blanks; a longer word, and so what stands in backquotes, which is a
/// command to be copied, stays whole on a line of its own. What is broken goes on where the line's text begins, or its
/// second column: behind the last two blanks in a row.
[[nodiscard]] std::string folded(std::string_view text, std::size_t width);

}  // namespace ticketd
