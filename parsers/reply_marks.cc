#include "parsers/reply_marks.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "parsers/ascii.h"
#include "parsers/reply_attribution.h"
#include "parsers/reply_words.h"

namespace ticketd {
namespace {

constexpr std::size_t kLongestMark = 400;
constexpr std::size_t kLongestHeader = 16;

bool starts_header(FieldLabel label) {
  return label == FieldLabel::from || label == FieldLabel::sent || label == FieldLabel::subject;
}

/// The block that Outlook and others put above a quoted mail: sender, date, and receiver or subject in a row. Below the
/// rule of a mail program the labels may be of a language unknown here, and are told by their values.
class HeaderBlock {
 public:
  HeaderBlock(const ReplyLines& lines, std::size_t line, bool ruled) : lines_(lines), start_(line), ruled_(ruled) {}

  /// How many lines it takes; 0 when there is none.
  std::size_t read() {
    std::size_t end = start_;
    int loose = 0;
    for (std::size_t i = start_; i < std::min(start_ + kLongestHeader, lines_.size()); ++i) {
      if (lines_.blank(i)) {
        if (end == start_ || i + 1 >= lines_.size() || !take(i + 1)) break;
        continue;
      }
      if (take(i) || (i == end && goes_on(i))) {
        end = i + 1;
        loose = 0;
      } else if (i == start_ || ++loose > 2) {
        break;
      }
    }
    return complete() && !calls_ && !in_transport() && !in_form() ? end - start_ : 0;
  }

 private:
  bool take(std::size_t line) {
    const FieldLabel label = lines_.label(line);
    if (label == FieldLabel::none) return false;
    if (label == FieldLabel::unknown) return ruled_ && take_unknown(line);
    if (line == start_ && !starts_header(label)) return false;
    const std::string_view text = lines_.at(line).substr(0, kLongestMark);
    const bool dated = std::ranges::any_of(text, is_digit) || count_8bit(text) > longest_8bit_label;
    sent_label_ |= label == FieldLabel::sent;
    if (label == FieldLabel::sent && !dated) return true;
    if (label == FieldLabel::from || label == FieldLabel::to) {
      addressed_ |= text.find('@') != std::string_view::npos;
      calls_ |= holds_call_address(text);
    }
    add(label);
    return true;
  }
  /// A list of addresses that the mail program wrapped: `To: Ann <ann@x.example>,` above it.
  bool goes_on(std::size_t line) const {
    return line > start_ && trim(lines_.at(line - 1)).ends_with(',') &&
           lines_.at(line).substr(0, kLongestMark).find('@') != std::string_view::npos;
  }
  /// "Dari: Jo <jo@x.example>" first, its date next, and at least one more.
  bool take_unknown(std::size_t line) {
    const std::string folded = fold_line(lines_.at(line).substr(0, kLongestMark));
    const DateTraits traits = read_date_traits(folded);
    const bool dated = traits.date != DateTraits::nowhere && traits.time;
    if (line == start_ && !holds_bracketed_address(folded)) return false;
    if (line == start_ + 1 && !dated) return false;
    if (line == start_) unknown_ = true;
    if (unknown_) ++unknown_lines_;
    return true;
  }
  /// In the trace of a telephone call: <sip:100@x.example> (RFC 3261 §19.1), <tel:+49> (RFC 3966).
  static bool holds_call_address(std::string_view field) {
    const std::string folded = to_lower(field.substr(std::min(field.find(':'), field.size() - 1) + 1));
    const std::string_view value = without(folded, " \t");
    return std::ranges::any_of(
        std::to_array<std::string_view>({"sip:", "sips:", "tel:"}), [&](std::string_view scheme) {
          return value.starts_with(scheme) || value.find('<' + std::string(scheme)) != std::string_view::npos;
        });
  }
  static std::size_t count_8bit(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, is_8bit));
  }
  void add(FieldLabel label) { found_ |= 1U << static_cast<unsigned>(label); }
  bool has(FieldLabel label) const { return (found_ >> static_cast<unsigned>(label) & 1U) != 0; }
  bool complete() const {
    constexpr int fewest_unknown = 3;
    if (unknown_) return unknown_lines_ >= fewest_unknown;
    const bool sent = has(FieldLabel::sent), to = has(FieldLabel::to), subject = has(FieldLabel::subject);
    if (!has(FieldLabel::from)) return false;
    if (sent_label_ && to && subject) return true;
    return (sent && (subject || addressed_)) || (ruled_ && subject && (sent || to || addressed_));
  }
  /// Someone copied the header of a mail as it was sent.
  bool in_transport() const {
    return has(FieldLabel::transport) || (start_ > 0 && lines_.label(start_ - 1) == FieldLabel::transport);
  }

  /// Fields without an address, right below one that no mail has.
  bool in_form() const {
    return !ruled_ && !addressed_ && start_ > 0 && lines_.label(start_ - 1) == FieldLabel::unknown;
  }

  /// The octets of a label in the scripts whose dates may hold no ASCII figure.
  static constexpr std::size_t longest_8bit_label = 24;

  const ReplyLines& lines_;
  std::size_t start_;
  bool ruled_;
  bool addressed_ = false;
  bool calls_ = false;
  bool sent_label_ = false;  ///< whatever its value
  bool unknown_ = false;
  int unknown_lines_ = 0;
  unsigned found_ = 0;
};

/// A line without the dashes around its words.
struct Dashed {
  std::string_view words;
  std::size_t before = 0, after = 0;  ///< octets drawn on either side
};

Dashed without_dashes(std::string_view line) {
  constexpr std::array<std::string_view, 6> dashes{"\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2015"};
  Dashed result{line, 0, 0};
  const auto is_drawn = [](char c) { return std::string_view("-_=*>#+~ ").find(c) != std::string_view::npos; };
  for (bool found = true; found && !result.words.empty();) {
    found = false;
    for (const std::string_view dash : dashes) {
      for (; result.words.starts_with(dash); found = true, result.before += 2) result.words.remove_prefix(dash.size());
      for (; result.words.ends_with(dash); found = true, result.after += 2) result.words.remove_suffix(dash.size());
    }
    while (!result.words.empty() && is_drawn(result.words.front())) {
      result.before += result.words.front() == ' ' ? 0 : 1;
      result.words.remove_prefix(1);
      found = true;
    }
    while (!result.words.empty() && is_drawn(result.words.back())) {
      result.after += result.words.back() == ' ' ? 0 : 1;
      result.words.remove_suffix(1);
      found = true;
    }
  }
  return result;
}

/// The words are one of these, or one of these and more dashes, behind which the header goes on in the same line.
bool are_alone(std::string_view words, std::span<const std::string_view> phrases) {
  return std::ranges::any_of(phrases, [&](std::string_view phrase) {
    if (!words.starts_with(phrase)) return false;
    const std::string_view rest = trim(words.substr(phrase.size()));
    return rest.empty() || rest == ":" || rest.starts_with("--");
  });
}

/// "## Please reply above this line ##": nothing else but politeness stands there, and inside dashes some more words.
bool asks_to_reply_above(const Dashed& line) {
  constexpr std::size_t most_before = 16, most_after = 48;
  const std::string_view words = without(line.words, " .:!<>[]()");
  return std::ranges::any_of(reply_above_words(), [&](std::string_view phrase) {
    const auto at = words.find(phrase);
    if (at == std::string_view::npos || at > most_before) return false;
    const std::string_view before = trim(words.substr(0, at)), after = words.substr(at + phrase.size());
    const bool polite = before.empty() || before == "please" || before == "please type your" || before == "bitte" ||
                        before == "merci de" || before == "por favor" || before == "por favor," ||
                        before == "per favore";
    if (!polite) return false;
    return after.empty() ||
           (line.before >= 2 && after.size() <= most_after && after.find_first_of("'\"") == std::string_view::npos);
  });
}

MarkKind separator_kind(std::string_view line) {
  constexpr std::size_t shortest = 8, longest = 160;
  if (line.size() < shortest || line.size() > longest) return MarkKind::none;
  const std::string folded = fold_line(line);
  const Dashed dashed = without_dashes(folded);
  if (dashed.words.empty()) return MarkKind::none;
  if (asks_to_reply_above(dashed)) return MarkKind::strong;
  constexpr std::size_t shortest_dash = 2;
  if (dashed.before < shortest_dash) {
    const std::string_view words =
        trim(dashed.words.substr(0, dashed.words.size() - (dashed.words.ends_with(':') ? 1 : 0)));
    const bool announced = dashed.words.ends_with(':') &&
                           std::ranges::find(forward_announcements(), words) != forward_announcements().end();
    return announced ? MarkKind::forward : MarkKind::none;
  }
  if (are_alone(dashed.words, forward_words())) return MarkKind::forward;
  const auto starts = [&](auto phrase) { return dashed.words.starts_with(phrase); };
  if (dashed.after >= shortest_dash && std::ranges::any_of(forwarded_by_words(), starts)) return MarkKind::forward;
  // a word alone is a title, or the old file's name in a diff, if it isn't drawn as no person does
  constexpr std::size_t long_dash = 6;
  const bool one_word = std::ranges::all_of(dashed.words, is_letter);
  if (one_word && (dashed.before < long_dash || dashed.after < long_dash)) return MarkKind::none;
  return are_alone(dashed.words, original_words()) ? MarkKind::strong : MarkKind::none;
}

/// Something of the writer's may end at the line above.
bool starts_paragraph(const ReplyLines& lines, std::size_t line) {
  return line == 0 || lines.blank(line - 1) || is_rule(lines.at(line - 1));
}

/// What is believed of an attribution by what stands around it.
QuoteMark placed_attribution(const ReplyLines& lines, std::size_t line) {
  const AttributionLines found = find_attribution(lines, line);
  const std::size_t below = line + found.lines;
  switch (found.kind) {
    case Attribution::none:
      return {};
    case Attribution::above_marks:
      return {MarkKind::weak, found.lines};
    case Attribution::anywhere:
      return {MarkKind::strong, found.lines};
    case Attribution::apart:
    case Attribution::alone:
      break;
  }
  const std::size_t quoted = lines.next_written(below);
  if (quoted < lines.size() && lines.marked(quoted)) return {MarkKind::strong, found.lines};
  const bool apart = found.kind == Attribution::alone || below >= lines.size() || lines.blank(below);
  if (starts_paragraph(lines, line) && apart) return {MarkKind::strong, found.lines};
  return {MarkKind::doubted, found.lines};
}

/// The rule that a mail program draws, as html_to_text does for `<hr>`, and what stands below it.
QuoteMark ruled_mark(const ReplyLines& lines, std::size_t line) {
  constexpr std::size_t shortest_rule = 20;
  const std::size_t below = lines.next_written(line + 1);
  if (below >= lines.size() || below > line + 3 || is_rule(lines.at(below))) return {};
  const bool long_rule = lines.at(line).size() >= shortest_rule;
  if (const std::size_t header = HeaderBlock(lines, below, long_rule).read(); header > 0)
    return {MarkKind::strong, below + header - line};
  const QuoteMark attributed = placed_attribution(lines, below);
  return attributed.kind == MarkKind::strong ? QuoteMark{attributed.kind, below + attributed.lines - line}
                                             : QuoteMark{};
}

}  // namespace

QuoteMark quote_mark(const ReplyLines& lines, std::size_t line) {
  const std::string_view text = lines.at(line);
  if (text.empty() || lines.marked(line) || !lines.near_end(line)) return {};
  if (const auto kind = separator_kind(text); kind != MarkKind::none) {
    const std::size_t below = lines.next_written(line + 1);
    const std::size_t header = below < lines.size() ? HeaderBlock(lines, below, true).read() : 0;
    return {kind, header > 0 ? below + header - line : 1};
  }
  if (is_rule(text)) return ruled_mark(lines, line);
  if (starts_header(lines.label(line)))
    if (const std::size_t header = HeaderBlock(lines, line, false).read(); header > 0)
      return {MarkKind::strong, header};
  return placed_attribution(lines, line);
}

bool is_attribution(std::string_view line) {
  return line.size() <= kLongestMark && read_attribution(fold_line(line)) > Attribution::above_marks;
}

bool is_forward_mark(std::string_view line) { return separator_kind(line) == MarkKind::forward; }

}  // namespace ticketd
