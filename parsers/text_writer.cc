#include "parsers/text_writer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "parsers/ascii.h"

namespace ticketd {
namespace {

constexpr std::size_t kLargestText = 4 * 1024 * 1024;
constexpr int kDeepestQuote = 10;
constexpr int kMostBreaks = 3;
constexpr int kMostKeptBreaks = 20;
constexpr std::size_t kLongestRow = 400;

}  // namespace

void TextWriter::text(std::string_view text, Space space) {
  for (std::size_t i = 0; i < text.size() && out_.size() < kLargestText; ++i) {
    const char c = text[i];
    if (text.substr(i).starts_with("\xC2\xA0")) {
      held_ = held_ || breaks_ > 0;
      blank_ = true;
      ++i;
    } else if (space != Space::collapsed && c == '\n') {
      break_line(1, true, kMostKeptBreaks);
    } else if (space == Space::kept && is_blank(c)) {
      put(c);
    } else if (is_space(c)) {
      blank_ = true;
    } else {
      put(c);
    }
  }
}

void TextWriter::break_line(int lines, bool more) { break_line(lines, more, kMostBreaks); }

void TextWriter::break_line(int lines, bool more, int most) {
  blank_ = false;
  if (!mark_.empty()) return;
  if (std::exchange(held_, false) && !more) lines = std::max(lines, 2);
  breaks_ = std::max(breaks_, std::min(most, more ? breaks_ + lines : lines));
}

void TextWriter::mark(std::string mark) {
  drop_mark();
  break_line(1);
  mark_ = std::move(mark);
}

void TextWriter::quote(int change) {
  break_line(2);
  depth_ += change;
}

std::string TextWriter::prefix() const {
  std::string result;
  for (int i = 0; i < std::min(depth_, kDeepestQuote); ++i) result += "> ";
  return result;
}

void TextWriter::put(char c) {
  if (breaks_ > 0 || out_.empty()) {
    if (!out_.empty()) out_.append(static_cast<std::size_t>(breaks_), '\n');
    out_ += prefix();
  } else if (blank_) {
    out_ += ' ';
  }
  breaks_ = 0;
  blank_ = held_ = false;
  if (!mark_.empty()) out_ += std::exchange(mark_, {});
  out_ += c;
}

void TextWriter::join(std::span<const std::size_t> cells, bool is_first_row) {
  if (cells.size() < 2 || cells.front() > out_.size() || out_.size() - cells.front() > kLongestRow) return;
  const std::string before = prefix();
  std::string row, lead;
  bool any = false;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::size_t end = i + 1 < cells.size() ? cells[i + 1] : out_.size();
    std::string_view cell = since(cells[i]).substr(0, end - cells[i]);
    const std::size_t breaks = std::min(cell.find_first_not_of('\n'), cell.size());
    const bool starts_line = breaks > 0 || (cells[i] == 0 && !any);
    cell.remove_prefix(breaks);
    if (starts_line && cell.starts_with(before)) cell.remove_prefix(before.size());
    if (!any && !cell.empty() && starts_line)
      lead = std::string(is_first_row ? breaks : std::min<std::size_t>(breaks, 1), '\n') + before;
    any = any || !cell.empty();
    if (cell.find('\n') != std::string_view::npos) return;
    row.append(i > 0 ? " | " : "").append(trim(cell));
  }
  if (!any) return;
  out_.resize(cells.front());
  out_.append(lead).append(trim(row));
  breaks_ = std::min(breaks_, 1);
}

std::string TextWriter::take() {
  if (!out_.empty()) out_ += '\n';
  return std::move(out_);
}

}  // namespace ticketd
