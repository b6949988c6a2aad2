#include "daemon/ctl/table.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "parsers/printable.h"

namespace ticketd {
namespace {

bool starts_code_point(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, starts_code_point));
}

std::vector<std::size_t> column_widths(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], code_points(printable_line(row[i])));
  }
  return widths;
}

std::string aligned(const std::vector<std::string>& row, const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const auto cell = printable_line(row[i]);
    line += cell;
    if (i + 1 < row.size()) line.append(widths[i] - code_points(cell) + 2, ' ');
  }
  return line;
}

/// How far what follows a broken line is indented, of at most half the width.
std::size_t hanging_indent(std::string_view line, std::size_t width, Hanging hanging) {
  const auto gap = hanging == Hanging::at_text ? std::string_view::npos : line.rfind("  ", line.find_last_not_of(' '));
  const auto indent = gap == std::string_view::npos ? std::min(line.find_first_not_of(' '), line.size())
                                                    : code_points(line.substr(0, gap + 2));
  return std::min(indent, width / 2);
}

/// Where the word that begins there ends.
std::size_t word_end(std::string_view line, std::size_t start) {
  const auto end = std::min(line.find(' ', start), line.size());
  const auto opened = line.substr(0, end).find('`', start);
  const auto closed = opened == std::string_view::npos ? opened : line.find('`', opened + 1);
  return closed == std::string_view::npos ? end : std::min(line.find(' ', std::max(closed, end)), line.size());
}

std::string folded_line(std::string_view line, std::size_t width, Hanging hanging) {
  const std::string indent(hanging_indent(line, width, hanging), ' ');
  std::string text;
  std::size_t used = 0;
  bool is_first = true;  // of the words in its line
  while (!line.empty()) {
    const auto start = std::min(line.find_first_not_of(' '), line.size());
    const auto end = word_end(line, start);
    const auto word = line.substr(start, end - start);
    const auto needed = code_points(word);
    if (!is_first && !word.empty() && used + start + needed > width) {
      text += "\n" + indent;
      used = indent.size();
    } else {
      text.append(start, ' ');
      used += start;
    }
    text += word;
    used += needed;
    is_first = false;
    line.remove_prefix(end);
  }
  return text;
}

}  // namespace

std::string TextStyle::fitted(std::string_view text, Hanging hanging) const { return folded(text, width, hanging); }

std::string TextStyle::wrap(std::string_view code, std::string_view text) const {
  if (!colour) return std::string(text);
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

std::string TextTable::render(const TextStyle& style) const {
  const auto widths = column_widths(rows_);
  std::string text;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    auto line = style.fitted(aligned(rows_[i], widths));
    if (i == 0) line = style.dim(line);
    if (std::ranges::find(red_, i) != red_.end()) line = style.red(line);
    text += line + "\n";
  }
  return text;
}

std::string shorten(std::string_view text, std::size_t width) {
  if (code_points(text) <= width) return std::string(text);
  std::size_t seen = 0, end = 0;
  while (end < text.size() && (!starts_code_point(text[end]) || ++seen < width)) ++end;
  return std::string(text.substr(0, end)) + "…";
}

std::size_t terminal_width(int file) {
  constexpr std::size_t kUsual = 80;
  if (::isatty(file) == 0) return 0;
  winsize size{};
  return ::ioctl(file, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsual;
}

std::string folded(std::string_view text, std::size_t width, Hanging hanging) {
  if (width == 0) return std::string(text);
  std::string result;
  for (;;) {
    const auto end = text.find('\n');
    result += folded_line(text.substr(0, end), width, hanging);
    if (end == std::string_view::npos) return result;
    result += '\n';
    text.remove_prefix(end + 1);
  }
}

}  // namespace ticketd
