#include "parsers/reply_lines.h"

#include <algorithm>
#include <span>

#include "parsers/ascii.h"
#include "parsers/reply_words.h"
#include "parsers/subject.h"

namespace ticketd {
namespace {

constexpr std::size_t kLongestMark = 400;
constexpr std::size_t kLongestWrap = 6;
constexpr std::size_t kLongestHeader = 16;

std::string_view without(std::string_view text, std::string_view characters) {
  const auto first = text.find_first_not_of(characters);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(characters) + 1 - first);
}

/// As fold_for_comparison, which ASCII doesn't need.
std::string fold(std::string_view text) {
  return std::ranges::any_of(text, is_8bit) ? fold_for_comparison(text) : to_lower(text);
}

bool holds_any(std::string_view text, std::span<const std::string_view> words) {
  return std::ranges::any_of(words, [&](auto word) { return text.find(word) != std::string_view::npos; });
}

bool starts_with_any(std::string_view text, std::span<const std::string_view> words) {
  return std::ranges::any_of(words, [&](auto word) { return text.starts_with(word); });
}

/// The verb of an attribution as a word of its own.
bool holds_wrote(std::string_view folded) {
  return std::ranges::any_of(wrote_words(), [&](std::string_view word) {
    const bool bounded = !is_8bit(word.front()) || word.size() > 9;
    for (auto at = folded.find(word); at != std::string_view::npos; at = folded.find(word, at + 1)) {
      const auto end = at + word.size();
      if (!bounded || ((at == 0 || !is_letter(folded[at - 1])) && (end == folded.size() || !is_letter(folded[end]))))
        return true;
    }
    return false;
  });
}

/// What an attribution is told by; positions are octets.
struct Traits {
  static constexpr std::size_t nowhere = std::string_view::npos;
  std::size_t date = nowhere;
  bool time = false;
  bool zone = false;
  bool address = false;
};

/// The runs of digits of a text and what stands between them: `2017-02-05`, `13:29`, `13.16`, `3/5/20`, `2020年`.
class Numbers {
 public:
  explicit Numbers(std::string_view text) : text_(text) {}

  Traits read() {
    Traits traits;
    for (std::size_t at = 0; at < text_.size();) {
      if (!is_digit(text_[at])) {
        ++at;
        continue;
      }
      const std::size_t first = run(at);
      const bool year = first == 4 && (text_.substr(at, 2) == "19" || text_.substr(at, 2) == "20");
      const std::size_t second = joined_run(at + first, "/.-");
      const std::size_t third = second > 0 ? joined_run(at + first + 1 + second, "/.-") : 0;
      const bool date = year || (first <= 2 && second > 0 && second <= 2 && third >= 2 && third <= 4);
      const std::size_t minute = joined_run(at + first, ":.h");
      if (date && traits.date == Traits::nowhere) traits.date = at;
      if (!date && first <= 2 && minute == 2 && third == 0) traits.time = true;
      at += first;
      if (second > 0) at += 1 + second;
      if (third > 0) at += 1 + third;
    }
    traits.zone = text_.find("gmt+") != Traits::nowhere || text_.find("gmt-") != Traits::nowhere;
    return traits;
  }

 private:
  std::size_t run(std::size_t at) const {
    std::size_t end = at;
    while (end < text_.size() && is_digit(text_[end])) ++end;
    return end - at;
  }
  std::size_t joined_run(std::size_t at, std::string_view by) const {
    return at < text_.size() && by.find(text_[at]) != std::string_view::npos ? run(at + 1) : 0;
  }

  std::string_view text_;
};

bool holds_bracketed_address(std::string_view text) {
  for (auto open = text.find('<'); open != std::string_view::npos;) {
    const auto close = std::min(text.find('>', open), text.size());
    if (text.substr(open, close - open).find('@') != std::string_view::npos) return true;
    open = text.find('<', close);
  }
  return text.find("[mailto:") != std::string_view::npos;
}

Traits traits_of(std::string_view folded) {
  Traits traits = Numbers(folded).read();
  traits.address = holds_bracketed_address(folded);
  return traits;
}

/// "…wrote:", "…schrieb NAME <ADDRESS>:", "DATE NAME <ADDRESS>:" as one folded line.
MarkKind attribution_kind(std::string_view folded) {
  constexpr std::size_t front = 60;
  const std::string_view line = trim(without(folded, "-*_ "));
  const bool dashed = folded.ends_with("---") && folded.starts_with("---");
  if (!line.ends_with(':') && !dashed) return MarkKind::none;
  const Traits traits = traits_of(line);
  const bool dated = traits.date != Traits::nowhere;
  const bool wrote = holds_wrote(line);
  if (wrote && dated && (traits.time || traits.address)) return MarkKind::strong;
  if (dated && traits.date < front && traits.address) return MarkKind::strong;
  const bool named = traits.address || traits.time || dated || std::ranges::count(line, ' ') <= 4;
  return wrote && named ? MarkKind::weak : MarkKind::none;
}

std::string folded_mark(std::string_view line) { return fold(line.substr(0, std::min(line.size(), kLongestMark))); }

bool ends_sentence(std::string_view line) {
  return line.ends_with('.') || line.ends_with('!') || line.ends_with('?') || line.ends_with(':');
}

/// Where one that a mail program wrapped can begin: with a date or an address near its front.
bool may_be_wrapped(std::string_view line) {
  if (line.size() > kLongestMark || ends_sentence(line)) return false;
  const std::string folded = folded_mark(line);
  return traits_of(folded).date < 60;
}

/// "DATE NAME" or "DATE NAME <ADDRESS>" without verb and colon, alone between blank lines.
bool is_bare_attribution(const ReplyLines& lines, std::size_t line) {
  const std::string_view text = lines.at(line);
  constexpr std::size_t longest = 120;
  if (text.empty() || !is_digit(text.front()) || text.size() > longest) return false;
  if (line + 1 < lines.size() && !lines.blank(line + 1) && !lines.marked(line + 1)) return false;
  const std::string folded = folded_mark(text);
  const Traits traits = traits_of(folded);
  const bool name_follows = is_letter(folded.back()) || is_8bit(folded.back());
  return traits.date == 0 &&
         ((traits.address && folded.ends_with('>')) || (traits.zone && traits.time && name_follows));
}

QuoteMark attribution(const ReplyLines& lines, std::size_t line) {
  std::string_view first = lines.at(line);
  if (first.empty() || first.size() > kLongestMark) return {};
  if (const auto kind = attribution_kind(folded_mark(first)); kind != MarkKind::none) return {kind, 1};
  if (is_bare_attribution(lines, line)) return {MarkKind::strong, 1};
  if (lines.marked(line) || !may_be_wrapped(first)) return {};
  std::string joined(first);
  int blanks = 0;
  for (std::size_t next = line + 1; next < std::min(line + kLongestWrap, lines.size()); ++next) {
    if (lines.blank(next) && ++blanks > 1) break;
    const std::string_view more = lines.at(next);
    if (joined.size() + more.size() > kLongestMark) break;
    if (!more.empty()) joined += ' ';
    joined += more;
    const bool ends = more.ends_with(':') || more.ends_with("\uFF1A") || more.ends_with("---");
    if (ends && attribution_kind(folded_mark(joined)) == MarkKind::strong) return {MarkKind::strong, next - line + 1};
    if (ends_sentence(more)) break;
  }
  return {};
}

/// `*From:* x`, `Von: x`, `Objet : x`: the label, folded; empty when the line has none.
std::string label_of(std::string_view line) {
  constexpr std::size_t longest = 40;
  line = without(line, "> \t");
  const auto wide = line.substr(0, 60).find("\uFF1A");
  const auto colon = std::min(line.find(':'), wide);
  if (colon > longest) return {};
  return std::string(trim(without(fold(line.substr(0, colon)), "* ")));
}

FieldLabel field_label(std::string_view line) {
  const std::string label = label_of(line);
  if (label.empty()) return FieldLabel::none;
  const auto found = std::ranges::find(header_labels(), std::string_view(label), &HeaderLabel::word);
  if (found == header_labels().end()) return FieldLabel::unknown;
  switch (found->role) {
    case HeaderRole::from:
      return FieldLabel::from;
    case HeaderRole::sent:
      return FieldLabel::sent;
    case HeaderRole::to:
      return FieldLabel::to;
    case HeaderRole::subject:
      return FieldLabel::subject;
    case HeaderRole::other:
      return FieldLabel::other;
  }
  return FieldLabel::unknown;
}

bool starts_header(FieldLabel label) {
  return label == FieldLabel::from || label == FieldLabel::sent || label == FieldLabel::subject;
}

/// The block that Outlook and others put above a quoted mail. Labels of unknown languages are told by their values, if
/// a rule stands above.
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
      if (take(i)) {
        end = i + 1;
        loose = 0;
      } else if (i == start_ || ++loose > 2) {
        break;
      }
    }
    return complete() ? end - start_ : 0;
  }

 private:
  bool take(std::size_t line) {
    const FieldLabel label = lines_.label(line);
    if (label == FieldLabel::none) return false;
    if (label == FieldLabel::unknown) return ruled_ && take_unknown(lines_.at(line));
    if (line == start_ && !starts_header(label)) return false;
    add(label);
    return true;
  }
  bool take_unknown(std::string_view line) {
    const Traits traits = traits_of(folded_mark(line));
    const bool dated = traits.date != Traits::nowhere && traits.time;
    if (traits.address) add(has(FieldLabel::from) ? FieldLabel::to : FieldLabel::from);
    if (dated) add(FieldLabel::sent);
    return traits.address || dated || (has(FieldLabel::from) && has(FieldLabel::sent));
  }
  void add(FieldLabel label) { found_ |= 1U << static_cast<unsigned>(label); }
  bool has(FieldLabel label) const { return (found_ >> static_cast<unsigned>(label) & 1U) != 0; }
  bool complete() const {
    const int others = has(FieldLabel::sent) + has(FieldLabel::to) + has(FieldLabel::subject);
    return has(FieldLabel::from) && others >= (ruled_ ? 1 : 2);
  }

  const ReplyLines& lines_;
  std::size_t start_;
  bool ruled_;
  unsigned found_ = 0;
};

MarkKind separator_kind(std::string_view line) {
  constexpr std::size_t longest = 120;
  if (line.empty() || line.size() > longest) return MarkKind::none;
  const std::string folded = fold(line);
  if (holds_any(folded, reply_above_words())) return MarkKind::strong;
  const std::string_view words = without(folded, "-_=*> :");
  const bool dashed = folded.find("--") != std::string::npos || folded.find("__") != std::string::npos;
  const bool alone = words.size() + 1 >= folded.size() && folded.ends_with(':');
  if ((dashed || alone) && holds_any(words, forward_words())) return MarkKind::forward;
  if (dashed && std::ranges::any_of(original_words(), [&](auto w) { return words.starts_with(w); }))
    return MarkKind::strong;
  return MarkKind::none;
}

}  // namespace

ReplyLines::ReplyLines(std::string_view text) : text_(text) {
  for (std::size_t at = 0; at < text.size();) {
    starts_.push_back(static_cast<std::uint32_t>(at));
    at = std::min(text.find('\n', at), text.size() - 1) + 1;
  }
  starts_.push_back(static_cast<std::uint32_t>(text.size()));
  labels_.assign(size(), FieldLabel::unread);
}

FieldLabel ReplyLines::label(std::size_t line) const {
  if (labels_[line] == FieldLabel::unread) labels_[line] = field_label(at(line));
  return labels_[line];
}

std::string_view ReplyLines::at(std::size_t line) const {
  std::string_view text = trim(text_.substr(starts_[line], starts_[line + 1] - starts_[line]));
  while (text.starts_with("\u00A0")) text = trim(text.substr(2));
  while (text.ends_with("\u00A0")) text = trim(text.substr(0, text.size() - 2));
  return text;
}

bool ReplyLines::marked(std::size_t line) const {
  const std::string_view text = at(line);
  return text.starts_with('>') || text.starts_with("\uFF1E") || text.starts_with("| ") || text == "|";
}

std::size_t ReplyLines::next_written(std::size_t line) const {
  while (line < size() && blank(line)) ++line;
  return line;
}

QuoteMark quote_mark(const ReplyLines& lines, std::size_t line) {
  const std::string_view text = lines.at(line);
  if (text.empty() || lines.marked(line)) return {};
  if (const auto kind = separator_kind(text); kind != MarkKind::none) {
    const std::size_t below = lines.next_written(line + 1);
    const std::size_t header = below < lines.size() ? HeaderBlock(lines, below, true).read() : 0;
    return {kind, header > 0 ? below + header - line : 1};
  }
  if (is_rule(text)) {
    const std::size_t below = lines.next_written(line + 1);
    if (below >= lines.size() || below > line + 3 || is_rule(lines.at(below))) return {};
    const std::size_t header = HeaderBlock(lines, below, true).read();
    if (header > 0) return {MarkKind::strong, below + header - line};
    const QuoteMark attributed = attribution(lines, below);
    return attributed.kind == MarkKind::strong ? QuoteMark{attributed.kind, below + attributed.lines - line}
                                               : QuoteMark{};
  }
  if (starts_header(lines.label(line)))
    if (const std::size_t header = HeaderBlock(lines, line, false).read(); header > 0)
      return {MarkKind::strong, header};
  return attribution(lines, line);
}

bool is_attribution(std::string_view line) {
  return line.size() <= kLongestMark && attribution_kind(folded_mark(line)) == MarkKind::strong;
}

bool is_forward_mark(std::string_view line) { return separator_kind(line) == MarkKind::forward; }

bool is_client_signature(std::string_view line) {
  constexpr std::size_t longest = 120;
  if (line.empty() || line.size() > longest) return false;
  const std::string folded = fold(line);
  const std::string_view words = without(std::string_view(folded).substr(0, folded.find_first_of("<[(")), " -_*.");
  if (words.find(',') != std::string_view::npos || std::ranges::count(words, ' ') > 9) return false;
  if (words.starts_with("von meinem ")) return words.ends_with("gesendet");
  if (starts_with_any(words, sent_from_starts())) return true;
  const bool device = words.starts_with("iphone") || words.starts_with("ipad") || words.find("我的") == 3;
  return device && std::ranges::any_of(sent_from_ends(), [&](auto end) { return words.ends_with(end); });
}

bool is_signature_delimiter(std::string_view line) { return line == "--" || line == "\u2014" || line == "\u2013"; }

bool is_rule(std::string_view line) {
  // what Gmail's tracking extensions leave
  if (line == "\u2014" || line == "\u2013" || line == "\u1427") return true;
  return line.size() >= 2 && line.find_first_not_of("-_=*#~+ ") == std::string_view::npos;
}

}  // namespace ticketd
