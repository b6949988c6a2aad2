#include "parsers/reply_text.h"

#include <algorithm>

#include "parsers/ascii.h"
#include "parsers/reply_client.h"
#include "parsers/reply_lines.h"
#include "parsers/reply_marks.h"
#include "parsers/reply_signature.h"
#include "parsers/reply_words.h"
#include "parsers/subject.h"

namespace ticketd {
namespace {

class Splitter {
 public:
  Splitter(std::string_view text, std::string_view subject)
      : lines_(text), roles_(lines_.size(), TextRole::written), forward_(is_forward_subject(subject)) {}

  ReplyText split() {
    mark_quotes();
    if (!forwarded_) {
      keep_own_marks();
      mark_wrapped_quotes();
    }
    for (std::size_t start = 0; start < lines_.size();) {
      const std::size_t end = run_end(start);
      if (roles_[start] == TextRole::written && !forwarded_)
        for (const std::size_t line : find_signature(lines_, start, end)) roles_[line] = TextRole::signature;
      start = end;
    }
    join_blank_lines();
    keep_something();
    keep_answered_quotes();
    return {ranges(), cut()};
  }

 private:
  std::size_t run_end(std::size_t start) const {
    std::size_t end = start;
    while (end < lines_.size() && roles_[end] == roles_[start]) ++end;
    return end;
  }
  void mark(std::size_t start, std::size_t end, TextRole role) {
    std::fill(roles_.begin() + static_cast<std::ptrdiff_t>(start), roles_.begin() + static_cast<std::ptrdiff_t>(end),
              role);
  }
  bool has(TextRole role) const { return std::ranges::find(roles_, role) != roles_.end(); }

  void mark_quotes() {
    bool written = false;
    for (std::size_t i = 0; i < lines_.size();) {
      const QuoteMark found = quote_mark(lines_, i);
      const bool marked_forward = lines_.marked(i) && is_forward_mark(without_marks(lines_.at(i)));
      if (found.kind == MarkKind::forward || marked_forward ||
          (forward_ && found.kind == MarkKind::strong && found.lines > 2)) {
        forwarded_ = true;
        return;
      }
      const std::size_t below = found.kind == MarkKind::none ? lines_.size() : lines_.next_written(i + found.lines);
      const bool above_marked = below < lines_.size() && lines_.marked(below);
      doubted_ = doubted_ || found.kind == MarkKind::doubted;
      if (found.kind == MarkKind::none || (found.kind != MarkKind::strong && !above_marked)) {
        if (lines_.marked(i)) roles_[i] = TextRole::quoted;
        written = written || (roles_[i] == TextRole::written && holds_words(lines_.at(i)) &&
                              client_line(lines_.at(i)) == ClientLine::none);
        ++i;
        continue;
      }
      if (found.kind == MarkKind::strong) strong_ = std::min(strong_, i);
      mark(i, i + found.lines, TextRole::attribution);
      i += found.lines;
      if (above_marked || !written) continue;
      mark(i, lines_.size(), TextRole::quoted);
      cut_ = i;
      return;
    }
  }

  /// The next line from `line` on that is neither blank nor quoted.
  std::size_t block_end(std::size_t line) const {
    while (line < lines_.size() && (lines_.blank(line) || roles_[line] == TextRole::quoted)) ++line;
    return line;
  }

  /// Marked lines that the writer put there: a transcript, a diff, what a sentence with a colon announces. Below an
  /// attribution nothing is.
  void keep_own_marks() {
    std::size_t blocks = 0, small_start = 0, small_end = 0;
    for (std::size_t i = 0, above = lines_.size(); i < std::min(cut_, lines_.size());) {
      if (roles_[i] != TextRole::quoted || !lines_.marked(i)) {
        if (!lines_.blank(i)) above = i;
        ++i;
        continue;
      }
      const std::size_t end = block_end(i);
      ++blocks;
      if (!is_attributed(i, end, above)) {
        if (is_own(i, end, above)) {
          mark(i, end, TextRole::written);
          own_marks_ = true;
        } else if (count_marked(i, end) < fewest_quoted) {
          small_start = i, small_end = end;
        }
      }
      above = end - 1;
      i = end;
    }
    // a line or two that nobody is said to have written, in a mail without another quote
    if (blocks != 1 || small_end == 0 || !has(TextRole::written) || has(TextRole::attribution)) return;
    mark(small_start, small_end, TextRole::written);
    own_marks_ = true;
  }

  bool is_attributed(std::size_t start, std::size_t end, std::size_t above) const {
    if (above < lines_.size() && roles_[above] == TextRole::attribution) return true;
    for (std::size_t i = start; i < end; ++i)
      if (lines_.marked(i) && is_attribution(without_marks(lines_.at(i)))) return true;
    return false;
  }

  std::size_t count_marked(std::size_t start, std::size_t end) const {
    std::size_t count = 0;
    for (std::size_t i = start; i < end; ++i) count += lines_.marked(i) && !without_marks(lines_.at(i)).empty() ? 1 : 0;
    return count;
  }

  bool is_own(std::size_t start, std::size_t end, std::size_t above) const {
    if (above < lines_.size() && announces(lines_.at(above))) return true;
    if (above < lines_.size() && above + 1 == start && is_diff(lines_.at(above))) return true;
    bool stuffed = true, prompts = true, barred = true;
    for (std::size_t i = start; i < end; ++i) {
      if (lines_.blank(i)) continue;
      stuffed = stuffed && lines_.raw(i).starts_with(" >");
      prompts = prompts && lines_.at(i).starts_with(">>>");
      barred = barred && lines_.at(i).starts_with('|');
    }
    return stuffed || prompts || barred;
  }
  /// "The log says:", but no sender whose verb is unknown here.
  static bool announces(std::string_view line) {
    return (line.ends_with(':') || line.ends_with("\uFF1A")) && line.find('@') == std::string_view::npos;
  }
  /// What stands in a diff between the lines that `>` starts: `< old`, `---`, `5,6c5`.
  static bool is_diff(std::string_view line) {
    if (line.starts_with("< ") || line == "---") return true;
    return !line.empty() && is_digit(line.front()) &&
           line.find_first_not_of("0123456789,acd") == std::string_view::npos &&
           line.find_first_of("acd") != std::string_view::npos;
  }

  /// The ends of long quoted lines that a mail program put on lines of their own: a word or two each, in the middle of
  /// a sentence that the next marked line goes on with. Answers in between are told by the first line that is none.
  void mark_wrapped_quotes() {
    std::size_t last = std::min(cut_, lines_.size());
    while (last > 0 && roles_[last - 1] != TextRole::quoted) --last;
    for (std::size_t i = 1; i < last; ++i) {
      const bool between = roles_[i] == TextRole::written && roles_[i - 1] == TextRole::quoted && !lines_.blank(i);
      if (between && !is_wrapped_end(i)) return;
    }
    for (std::size_t i = 1; i < last; ++i)
      if (roles_[i] == TextRole::written && roles_[i - 1] == TextRole::quoted && is_wrapped_end(i))
        roles_[i] = TextRole::quoted;
  }
  bool is_wrapped_end(std::size_t line) const {
    constexpr std::size_t long_line = 66, short_end = 24;
    const std::string_view above = lines_.at(line - 1), end = lines_.at(line);
    if (!lines_.marked(line - 1) || !lines_.marked(line + 1) || end.empty()) return false;
    const std::string_view below = without_marks(lines_.at(line + 1));
    const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
    return above.size() >= long_line && end.size() <= short_end && !below.empty() && is_lower(below.front()) &&
           is_lower(end.front()) && std::ranges::none_of(end, is_digit) &&
           (is_letter(above.back()) || above.back() == ',');
  }

  /// Blank lines belong to what stands above them.
  void join_blank_lines() {
    for (std::size_t i = 1; i < lines_.size(); ++i)
      if (lines_.blank(i)) roles_[i] = roles_[i - 1];
  }

  bool written_words() const {
    for (std::size_t i = 0; i < lines_.size(); ++i)
      if (roles_[i] == TextRole::written && holds_words(lines_.at(i))) return true;
    return false;
  }

  /// Every line is an attribution, marked, or signature, and an attribution is there.
  bool only_marked() const {
    bool attributed = has(TextRole::attribution);
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (roles_[i] != TextRole::quoted || lines_.blank(i)) continue;
      if (!lines_.marked(i)) return false;
      attributed = attributed || is_attribution(without_marks(lines_.at(i)));
    }
    return attributed && has(TextRole::quoted);
  }

  void keep_something() {
    const bool all_written = std::ranges::all_of(roles_, [](TextRole role) { return role == TextRole::written; });
    if (all_written || written_words() || only_marked()) return;
    std::ranges::replace(roles_, TextRole::signature, TextRole::written);
    if (!written_words()) std::ranges::fill(roles_, TextRole::written);
    undone_ = true;
  }

  /// Answers between or below quotes need them, but for the one quote under its attribution above everything written.
  void keep_answered_quotes() {
    std::size_t last = lines_.size();
    while (last > 0 && (roles_[last - 1] != TextRole::written || !holds_words(lines_.at(last - 1)))) --last;
    std::size_t answered = 0;
    bool written_above = false;
    for (std::size_t i = 0; i < last; i = run_end(i)) {
      if (roles_[i] == TextRole::quoted) ++answered;
      if (answered == 0 && roles_[i] == TextRole::written && holds_run(i)) written_above = true;
    }
    const bool attributed = has(TextRole::attribution) || holds_attribution(last);
    if (answered == 0 || (answered == 1 && !written_above && attributed)) return;
    for (std::size_t i = 0; i < last; ++i)
      if (roles_[i] == TextRole::quoted) roles_[i] = TextRole::context;
  }

  /// Among the marked lines above `end`.
  bool holds_attribution(std::size_t end) const {
    for (std::size_t i = 0; i < end; ++i)
      if (roles_[i] == TextRole::quoted && is_attribution(without_marks(lines_.at(i)))) return true;
    return false;
  }

  bool holds_run(std::size_t start) const {
    for (std::size_t i = start, end = run_end(start); i < end; ++i)
      if (holds_words(lines_.at(i))) return true;
    return false;
  }

  QuoteCut cut() const {
    const bool quotes = has(TextRole::attribution) || has(TextRole::quoted) || has(TextRole::context);
    if (!quotes && !forwarded_ && !undone_ && !own_marks_ && !doubted_) return QuoteCut::none;
    if (forwarded_ || undone_ || own_marks_ || doubted_ || strong_ >= lines_.size()) return QuoteCut::unsure;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      const bool own = roles_[i] == TextRole::written || roles_[i] == TextRole::signature;
      if (roles_[i] == TextRole::context || (i < strong_ && !own)) return QuoteCut::unsure;
      if (i > strong_ && roles_[i] == TextRole::written && !lines_.blank(i)) return QuoteCut::unsure;
    }
    return QuoteCut::sure;
  }

  std::vector<TextRange> ranges() const {
    std::vector<TextRange> result;
    for (std::size_t start = 0; start < lines_.size();) {
      const std::size_t end = run_end(start);
      result.push_back({roles_[start], lines_.start(start), lines_.start(end), end - start});
      start = end;
    }
    return result;
  }

  ReplyLines lines_;
  std::vector<TextRole> roles_;
  bool forward_;
  static constexpr std::size_t fewest_quoted = 3;
  std::size_t cut_ = static_cast<std::size_t>(-1);  ///< from where on everything is another mail
  bool forwarded_ = false;
  bool undone_ = false;
  bool own_marks_ = false;
  bool doubted_ = false;
  std::size_t strong_ = static_cast<std::size_t>(-1);
};

/// Without blank lines at its ends and white space at its end.
std::string_view trim_lines(std::string_view text) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  for (auto end = text.find('\n'); end != std::string_view::npos && trim(text.substr(0, end)).empty();
       end = text.find('\n'))
    text.remove_prefix(end + 1);
  return text;
}

}  // namespace

bool is_forward_subject(std::string_view subject) {
  constexpr std::size_t longest = 12;
  const std::string folded = fold_for_comparison(trim(subject).substr(0, 3 * longest));
  const auto colon = folded.find(':');
  if (colon > longest) return false;
  const std::string_view prefix = trim(std::string_view(folded).substr(0, colon));
  return std::ranges::find(forward_prefixes(), prefix) != forward_prefixes().end();
}

std::string ReplyText::written(std::string_view text) const {
  std::string result;
  bool left_out = false;
  for (const TextRange& range : ranges) {
    const bool kept = range.role == TextRole::written || range.role == TextRole::context;
    if (kept && left_out && !result.empty() && !result.ends_with("\n\n")) result += '\n';
    if (kept) result += text.substr(range.start, range.end - range.start);
    left_out = !kept;
  }
  return std::string(trim_lines(result));
}

ReplyText split_reply(std::string_view text, std::string_view subject) { return Splitter(text, subject).split(); }

std::string reply_text(std::string_view text, std::string_view subject) {
  return split_reply(text, subject).written(text);
}

}  // namespace ticketd
