#include "parsers/reply_attribution.h"

#include <algorithm>
#include <string>

#include "parsers/ascii.h"
#include "parsers/reply_words.h"

namespace ticketd {
namespace {

constexpr std::size_t kNowhere = std::string_view::npos;
constexpr std::size_t kLongest = 400;
constexpr std::size_t kLongestWrap = 6;
/// An attribution has its date in its first octets, unless a name stands before it.
constexpr std::size_t kFront = 60;

bool is_word_octet(char c) { return is_letter(c) || is_digit(c) || is_8bit(c); }

/// Where the first of the verbs stands as a word of its own; npos when there is none. Those of the scripts that set no
/// spaces, and long ones, may have something joined to them.
std::size_t find_wrote(std::string_view folded) {
  std::size_t first = kNowhere;
  for (const std::string_view word : wrote_words()) {
    constexpr std::size_t long_word = 9;
    const bool bounded = !is_8bit(word.front()) || word.size() > long_word;
    for (auto at = folded.find(word); at < first; at = folded.find(word, at + 1)) {
      const auto end = at + word.size();
      const bool apart = (at == 0 || !is_letter(folded[at - 1])) && (end == folded.size() || !is_letter(folded[end]));
      if (!bounded || apart) first = at;
    }
  }
  return first;
}

/// The opening word that the line starts with; empty when none.
std::string_view opening_of(std::string_view line) {
  for (const std::string_view word : opening_words())
    if (line.size() > word.size() && line.starts_with(word) &&
        (line[word.size()] == ' ' || is_digit(line[word.size()]) || line[word.size()] == '-'))
      return word;
  return {};
}

/// An opening word inside the text before the date, at its second word or later.
bool opens_late(std::string_view before) {
  const std::string_view opening = opening_of(before);
  for (const std::string_view word : opening_words()) {
    constexpr std::size_t shortest = 2;
    if (word.size() < shortest || (!opening.empty() && opening != word)) continue;
    for (auto at = before.find(word, 1); at != kNowhere; at = before.find(word, at + 1)) {
      const auto end = at + word.size();
      const bool apart = before[at - 1] == ' ' || before[at - 1] == '-';
      if (apart && end < before.size() && before[end] == ' ') return true;
    }
  }
  return false;
}

/// The writer's own words stand in the same line before "On DATE, NAME wrote:", or someone's words behind the name.
bool speaks(std::string_view line, const DateTraits& traits, std::size_t wrote) {
  if (traits.date == kNowhere || wrote < traits.end) return false;
  const std::string_view name = line.substr(traits.end, wrote - traits.end);
  if (name.find(": ") != kNowhere) return true;
  const std::string_view before = line.substr(0, traits.date);
  constexpr std::ptrdiff_t shortest_name = 3;
  return std::ranges::count_if(name, is_word_octet) >= shortest_name && before.find('@') == kNowhere &&
         opens_late(before);
}

/// A sentence about a letter rather than the line above it: "Am 3.5. um 10:30 schrieb mir Herr Meier:".
bool holds_prose(std::string_view line) {
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t end = static_cast<std::size_t>(
        std::find_if_not(line.begin() + static_cast<std::ptrdiff_t>(at), line.end(), is_word_octet) - line.begin());
    if (std::ranges::find(prose_words(), line.substr(at, end - at)) != prose_words().end()) return true;
    at = std::max(end, at + 1);
  }
  return false;
}

/// "NAME <ADDRESS>:", with a verb unknown here at most; what is a log's stands with other signs before the address.
bool ends_with_sender(std::string_view line, std::size_t date_end) {
  constexpr std::size_t longest_verb = 30;
  const auto at = line.rfind('@');
  if (at == kNowhere || at < date_end) return false;
  const auto open = line.find_last_of("<([", at), close = line.find_first_of(">)]", at);
  if (open == kNowhere || close == kNowhere || open < date_end) return false;
  if (line.size() - close > longest_verb) return false;
  return line.substr(date_end, open - date_end).find_first_of("=[]/|:;#{}") == kNowhere;
}

bool ends_sentence(std::string_view line) {
  return line.ends_with('.') || line.ends_with('!') || line.ends_with('?') || line.ends_with(':');
}

/// Where one that a mail program wrapped can begin.
bool may_be_wrapped(std::string_view line, std::string_view folded) {
  if (line.size() > kLongest || ends_sentence(line)) return false;
  return !opening_of(without(folded, "-*_ ")).empty() || read_date_traits(folded).date < kFront ||
         line.ends_with('<') || holds_bracketed_address(line);
}

bool is_name_like(std::string_view name) {
  constexpr std::size_t most_words = 4;
  name = trim(name);
  if (name.empty() || std::ranges::count(name, ' ') >= static_cast<std::ptrdiff_t>(most_words)) return false;
  for (std::size_t at = 0; at < name.size(); at = std::min(name.find(' ', at), name.size() - 1) + 1)
    if (name[at] >= 'a' && name[at] <= 'z') return false;
  return std::ranges::all_of(name,
                             [](char c) { return is_letter(c) || is_8bit(c) || c == ' ' || c == '.' || c == '-'; });
}

/// "DATE NAME" or "DATE NAME <ADDRESS>" without verb and colon.
bool is_bare_attribution(std::string_view text) {
  constexpr std::size_t longest = 120;
  if (text.empty() || !is_digit(text.front()) || text.size() > longest) return false;
  const std::string folded = fold_line(text);
  const DateTraits traits = read_date_traits(folded);
  if (traits.date != 0) return false;
  if (folded.ends_with('>')) return ends_with_sender(folded, traits.end);
  // folding keeps the length of what stands before a name: figures and the zone
  return traits.zone && traits.time && traits.end < text.size() && is_name_like(text.substr(traits.end));
}

/// The next line of a log or a chat.
bool starts_entry(std::string_view line) {
  constexpr std::size_t longest_date = 24;
  const std::string_view start = line.substr(0, longest_date);
  return start.starts_with('[') && read_date_traits(start).date == 1;
}

AttributionLines wrapped_attribution(const ReplyLines& lines, std::size_t line) {
  std::string joined(lines.at(line));
  int blanks = 0;
  for (std::size_t next = line + 1; next < std::min(line + kLongestWrap, lines.size()); ++next) {
    if (lines.blank(next) && ++blanks > 1) break;
    const std::string_view more = lines.at(next);
    // an address that was broken goes on with its closing bracket
    const bool open = std::ranges::count(joined, '<') > std::ranges::count(joined, '>');
    if (joined.size() + more.size() > kLongest || (lines.marked(next) && !open)) break;
    if (starts_entry(more)) break;
    if (!more.empty()) joined += ' ';
    joined += more;
    const bool ends = more.ends_with(':') || more.ends_with("\uFF1A") || more.ends_with("---");
    if (ends)
      if (const auto kind = read_attribution(fold_line(joined)); kind > Attribution::above_marks)
        return {kind, next - line + 1};
    if (ends_sentence(more)) break;
  }
  return {};
}

/// The runs of digits of a text and what stands between them: `2017-02-05`, `13:29`, `13.16`, `3/5/20`, `2020年`.
class Numbers {
 public:
  explicit Numbers(std::string_view text) : text_(text) {}

  DateTraits read() {
    for (std::size_t at = 0; at < text_.size();)
      if (is_digit(text_[at]))
        at = read_at(at);
      else
        ++at;
    traits_.zone = text_.find("gmt+") != kNowhere || text_.find("gmt-") != kNowhere;
    return traits_;
  }

 private:
  std::size_t read_at(std::size_t at) {
    const std::size_t first = run(at), first_end = at + first;
    const bool year = first == 4 && (text_.substr(at, 2) == "19" || text_.substr(at, 2) == "20");
    const std::size_t second_at = joined(first_end, "/.-"), second = run(second_at);
    const std::size_t third_at = second > 0 ? joined(second_at + second, "/.-") : text_.size(), third = run(third_at);
    const bool date = year || (first <= 2 && second > 0 && second <= 2 && third >= 2 && third <= 4);
    const std::size_t minute_at = joined(first_end, ":.h");
    const bool time = !date && first <= 2 && run(minute_at) == 2 && third == 0;
    if (date && traits_.date == DateTraits::nowhere) traits_.date = at;
    traits_.time = traits_.time || time;
    std::size_t end = first_end;
    if (third > 0)
      end = third_at + third;
    else if (second > 0 && second_at == first_end + 1)
      end = second_at + second;
    else if (time)
      end = minute_at + 2;
    if (date || time || (traits_.end > 0 && text_[at - 1] == ':')) traits_.end = end;
    return end;
  }
  std::size_t run(std::size_t at) const {
    std::size_t end = at;
    while (end < text_.size() && is_digit(text_[end])) ++end;
    return end - at;
  }
  /// Where the figures go on behind one of these, and behind the space that some set after a full stop; the end when
  /// they don't.
  std::size_t joined(std::size_t at, std::string_view by) const {
    if (at >= text_.size() || by.find(text_[at]) == kNowhere) return text_.size();
    const std::size_t next = at + 1 < text_.size() && text_[at] == '.' && text_[at + 1] == ' ' ? at + 2 : at + 1;
    return next < text_.size() && is_digit(text_[next]) ? next : text_.size();
  }

  std::string_view text_;
  DateTraits traits_;
};

}  // namespace

DateTraits read_date_traits(std::string_view folded) {
  DateTraits traits = Numbers(folded).read();
  if (!traits.zone || traits.end == 0) return traits;
  for (const std::string_view zone : {"gmt+", "gmt-"})
    if (const auto at = folded.find(zone, traits.end > 9 ? traits.end - 9 : 0); at != kNowhere)
      traits.end = std::max(traits.end, std::min(folded.find_first_not_of("+-:0123456789", at + 3), folded.size()));
  return traits;
}

bool holds_bracketed_address(std::string_view text) {
  for (auto open = text.find_first_of("<("); open != kNowhere;) {
    const auto close = std::min(text.find_first_of(">)", open), text.size());
    if (text.substr(open, close - open).find('@') != kNowhere) return true;
    open = text.find_first_of("<(", close);
  }
  return text.find("[mailto:") != kNowhere;
}

Attribution read_attribution(std::string_view folded) {
  const std::string_view line = trim(without(folded, "-*_ "));
  const bool dashed = folded.ends_with("---") && folded.starts_with("---");
  const bool colon = line.ends_with(':');
  const std::size_t wrote = find_wrote(line);
  const DateTraits traits = read_date_traits(line);
  const bool dated = traits.date != DateTraits::nowhere;
  const bool address = holds_bracketed_address(line);
  if (wrote == kNowhere) {
    if (!colon || !dated) return Attribution::none;
    if (traits.date < kFront && address && ends_with_sender(line, traits.end)) return Attribution::apart;
    return folded.starts_with("* ") && traits.time && line.ends_with("]:") ? Attribution::above_marks
                                                                           : Attribution::none;
  }
  if (speaks(line, traits, wrote)) return Attribution::none;
  constexpr std::ptrdiff_t longest_day = 5;
  const std::string_view before = line.substr(0, dated ? traits.date : 0);
  const bool opening = !opening_of(line).empty();
  const bool opens =
      dated &&
      (opening || (traits.date < wrote && std::ranges::count(before, ' ') <= longest_day && !opens_late(before)));
  if (!colon && !dashed) return opens && traits.time ? Attribution::above_marks : Attribution::none;
  if (dated && address && (opening || !holds_prose(line.substr(std::min(line.find(' '), line.size())))))
    return Attribution::anywhere;
  if (opens && traits.time && !address && traits.date < kFront && !holds_prose(line)) return Attribution::alone;
  const bool named = line.find('@') != kNowhere || traits.time || dated || std::ranges::count(line, ' ') <= 4;
  return named ? Attribution::above_marks : Attribution::none;
}

AttributionLines find_attribution(const ReplyLines& lines, std::size_t line) {
  const std::string_view text = lines.at(line);
  constexpr std::size_t shortest = 2;
  if (text.size() <= shortest || text.size() > kLongest || lines.marked(line)) return {};
  const std::string folded = fold_line(text);
  const auto kind = read_attribution(folded);
  if (kind > Attribution::above_marks) return {kind, 1};
  if (is_bare_attribution(text)) return {Attribution::apart, 1};
  if (may_be_wrapped(text, folded))
    if (const auto wrapped = wrapped_attribution(lines, line); wrapped.lines > 0) return wrapped;
  return {kind, kind == Attribution::none ? 0U : 1U};
}

}  // namespace ticketd
