#include "parsers/reply_signature.h"

#include <algorithm>

#include "parsers/ascii.h"
#include "parsers/reply_client.h"

namespace ticketd {
namespace {

constexpr std::size_t kLongestSignature = 16;

class Signature {
 public:
  Signature(const ReplyLines& lines, std::size_t start, std::size_t end) : lines_(lines), start_(start), end_(end) {}

  std::vector<std::size_t> find() {
    stop_ = end_;
    take_drawn_end();
    take_delimited();
    std::vector<std::size_t> own = client_lines();
    const std::size_t name = signed_name(own);
    if (name < stop_) own.insert(std::ranges::lower_bound(own, name), name);
    for (std::size_t i = stop_; i < end_; ++i) own.push_back(i);
    return own;
  }

 private:
  std::size_t count_written(std::size_t from, std::size_t to) const {
    std::size_t count = 0;
    for (std::size_t i = from; i < to; ++i) count += lines_.blank(i) ? 0 : 1;
    return count;
  }
  std::size_t last_written(std::size_t end) const {
    while (end > start_ && lines_.blank(end - 1)) --end;
    return end;
  }

  /// Rules with nothing below them.
  void take_drawn_end() {
    for (std::size_t last = last_written(stop_); last > start_ && is_rule(lines_.at(last - 1));
         last = last_written(stop_))
      stop_ = last - 1;
  }

  /// From the end up: the last delimiter, and one above it if a signature by itself stands between them, as from a
  /// phone that signs what its owner signed.
  void take_delimited() {
    delimiters_ = count_delimiters();
    const std::size_t last = stop_;
    for (std::size_t i = stop_, below = 0; i-- > start_ && below <= kLongestSignature;) {
      const std::string_view line = lines_.at(i);
      below += line.empty() ? 0 : 1;
      if (is_list_footer(i)) stop_ = i;
      if (!is_signature_delimiter(line)) continue;
      const bool signs = stop_ == last ? signs_all(i) : stands_apart(i) && signs_alone(i + 1);
      if (!signs) break;
      stop_ = i;
    }
  }

  std::size_t count_delimiters() const {
    std::size_t count = 0;
    for (std::size_t i = start_; i < stop_; ++i) count += is_signature_delimiter(lines_.at(i)) ? 1 : 0;
    return count;
  }
  /// With the space that RFC 3676 asks for, which no one draws a table with.
  bool is_exact(std::size_t line) const { return lines_.raw(line) == "-- "; }
  /// A rule between parts has blank lines on both sides or on none.
  bool stands_apart(std::size_t line) const {
    return is_exact(line) || ((line == start_ || lines_.blank(line - 1)) && line + 1 < end_ && !lines_.blank(line + 1));
  }
  /// The lowest delimiter, of everything below it. One without its space and without a blank line above, or with one
  /// below, may be a rule: then what follows has to look like a signature.
  bool signs_all(std::size_t line) const {
    if (is_exact(line)) return true;
    if (holds_marked(line + 1) || is_divider(line)) return false;
    if (lines_.at(line) != "--")
      return is_short(line + 1) && (holds_contact(line + 1, stop_) || begins_with_name(line + 1));
    if (stands_apart(line)) return true;
    return (delimiters_ == 1 || holds_contact(line + 1, stop_)) && is_short(line + 1);
  }
  /// Between the items of a list, or below what announces them.
  bool is_divider(std::size_t line) const {
    if (line == start_ || lines_.blank(line - 1)) return false;
    const std::string_view above = lines_.at(line - 1);
    return above.ends_with(':') || (is_item(above) && line + 1 < stop_ && is_item(lines_.at(line + 1)));
  }
  static bool is_item(std::string_view line) {
    const auto number = line.substr(0, line.find_first_not_of("0123456789"));
    const std::string_view behind = line.substr(number.size());
    const bool numbered = !number.empty() && (behind.starts_with(". ") || behind.starts_with(") "));
    return numbered || line.starts_with("- ") || line.starts_with("* ") || line.starts_with("\u2022 ");
  }
  /// A name, and no sentence below it: `Jean van Damme`, but not `Fax down too`.
  bool begins_with_name(std::size_t line) const {
    const std::size_t first = lines_.next_written(line);
    if (first >= stop_ || !is_name(lines_.at(first))) return false;
    const auto words = lines_.at(first);
    const std::string_view last = words.substr(words.rfind(' ') + 1);
    if (last.front() >= 'a' && last.front() <= 'z') return false;
    for (; line < stop_; ++line)
      if (const auto text = lines_.at(line); text.ends_with('.') || text.ends_with('!')) return false;
    return true;
  }
  bool holds_marked(std::size_t line) const {
    for (; line < stop_; ++line)
      if (lines_.marked(line)) return true;
    return false;
  }
  /// A few short lines that neither ask nor announce.
  bool is_short(std::size_t line) const {
    constexpr std::size_t longest_line = 72, most_lines = 8;
    if (count_written(line, stop_) > most_lines) return false;
    for (; line < stop_; ++line) {
      const std::string_view text = lines_.at(line);
      if (text.size() > longest_line || text.ends_with('?') || text.ends_with(':')) return false;
    }
    return true;
  }
  /// From `line` to what is known to be a signature.
  bool signs_alone(std::size_t line) const {
    if (count_written(line, stop_) > few_lines) return false;
    if (holds_contact(line, stop_)) return true;
    const std::size_t name = lines_.next_written(line);
    return name < stop_ && count_written(line, stop_) == 1 && is_name(lines_.at(name));
  }
  /// An address, a link, or a telephone number.
  bool holds_contact(std::size_t from, std::size_t to) const {
    constexpr std::ptrdiff_t shortest_number = 7;
    for (std::size_t i = from; i < to; ++i) {
      const std::string_view line = lines_.at(i);
      if (line.find('@') != std::string_view::npos || line.find("://") != std::string_view::npos) return true;
      if (client_line(line) != ClientLine::none) return true;
      if (std::ranges::count_if(line, is_digit) >= shortest_number) return true;
    }
    return false;
  }

  /// Mailman's: a long rule, the list's name, its address and its page, and nothing else.
  bool is_list_footer(std::size_t line) const {
    constexpr std::size_t shortest_rule = 40, most_lines = 4;
    const std::string_view rule = lines_.at(line);
    if (rule.size() < shortest_rule || rule.find_first_not_of('_') != std::string_view::npos) return false;
    std::size_t written = 0;
    bool address = false, link = false;
    for (std::size_t i = line + 1; i < stop_ && written <= most_lines; ++i) {
      const std::string_view text = lines_.at(i);
      if (text.empty()) continue;
      if (++written == 1 && text.find(": ") != std::string_view::npos) return false;
      address = address || text.find('@') != std::string_view::npos;
      link = link || text.find("://") != std::string_view::npos;
    }
    return written >= 2 && written <= most_lines && address && link;
  }

  /// What mail programs add: at the end, or, where none but they write so, as a paragraph of its own.
  std::vector<std::size_t> client_lines() const {
    std::vector<std::size_t> found;
    bool at_end = true;
    for (std::size_t i = stop_; i-- > start_;) {
      const std::string_view line = lines_.at(i);
      if (line.empty() || is_rule(line)) continue;
      const bool alone = (i == start_ || lines_.blank(i - 1)) && (i + 1 == stop_ || lines_.blank(i + 1));
      if (!at_end && !alone) continue;
      const ClientLine kind = client_line(line);
      if (kind != ClientLine::none && (at_end || (alone && kind == ClientLine::anywhere)))
        found.push_back(i);
      else
        at_end = false;
    }
    std::ranges::reverse(found);
    return found;
  }

  /// `-Abhishek Kona` as the last paragraph, below a whole sentence and not below a list.
  std::size_t signed_name(const std::vector<std::size_t>& client) const {
    constexpr std::size_t longest = 32;
    std::size_t end = last_written(stop_);
    while (end > start_ && std::ranges::binary_search(client, end - 1)) end = last_written(end - 1);
    if (end < start_ + 3 || !lines_.blank(end - 2)) return stop_;
    std::string_view line = lines_.at(end - 1);
    if (!line.starts_with('-') || line.size() > longest) return stop_;
    line.remove_prefix(1);
    const std::size_t above = last_written(end - 1);
    if (above == start_ || !ends_sentence(lines_.at(above - 1)) || lines_.at(above - 1).starts_with('-')) return stop_;
    return is_name(line) ? end - 1 : stop_;
  }
  static bool ends_sentence(std::string_view line) {
    return line.ends_with('.') || line.ends_with('!') || line.ends_with('?') || line.ends_with(')') ||
           line.ends_with(',');
  }
  static bool is_name(std::string_view line) {
    if (line.empty() || std::ranges::count(line, ' ') > 2) return false;
    const bool lower = line.front() >= 'a' && line.front() <= 'z';
    const bool starts = is_letter(line.front()) || is_8bit(line.front());
    return starts && !lower &&
           std::ranges::all_of(line, [](char c) { return is_letter(c) || is_8bit(c) || c == ' ' || c == '.'; });
  }

  static constexpr std::size_t few_lines = 6;

  const ReplyLines& lines_;
  std::size_t start_, end_;
  std::size_t stop_ = 0;
  std::size_t delimiters_ = 0;
};

}  // namespace

std::vector<std::size_t> find_signature(const ReplyLines& lines, std::size_t start, std::size_t end) {
  return Signature(lines, start, end).find();
}

}  // namespace ticketd
