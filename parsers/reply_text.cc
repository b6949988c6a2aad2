#include "parsers/reply_text.h"

#include <algorithm>

#include "parsers/ascii.h"
#include "parsers/reply_lines.h"
#include "parsers/reply_words.h"
#include "parsers/subject.h"

namespace ticketd {
namespace {

/// `Fwd: x`, but not `Re: Fwd: x`: that answers a forwarded mail.
bool is_forward_subject(std::string_view subject) {
  constexpr std::size_t longest = 12;
  const std::string folded = fold_for_comparison(trim(subject).substr(0, 3 * longest));
  const auto colon = folded.find(':');
  if (colon > longest) return false;
  const std::string_view prefix = trim(std::string_view(folded).substr(0, colon));
  return std::ranges::find(forward_prefixes(), prefix) != forward_prefixes().end();
}

bool holds_words(std::string_view line) {
  return std::ranges::any_of(line, [](char c) { return is_letter(c) || is_digit(c) || is_8bit(c); });
}

std::string_view without_marks(std::string_view line) {
  const auto first = line.find_first_not_of("> \t");
  return first == std::string_view::npos ? std::string_view() : line.substr(first);
}

class Splitter {
 public:
  Splitter(std::string_view text, std::string_view subject)
      : lines_(text), roles_(lines_.size(), TextRole::written), forward_(is_forward_subject(subject)) {}

  ReplyText split() {
    mark_quotes();
    mark_wrapped_quotes();
    for (std::size_t start = 0; start < lines_.size();) {
      const std::size_t end = run_end(start);
      if (roles_[start] == TextRole::written && !forwarded_) mark_signature(start, end);
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
      if (found.kind == MarkKind::none || (found.kind == MarkKind::weak && !above_marked)) {
        if (lines_.marked(i)) roles_[i] = TextRole::quoted;
        const bool words = holds_words(lines_.at(i)) && !is_client_signature(lines_.at(i));
        written = written || (roles_[i] == TextRole::written && words);
        ++i;
        continue;
      }
      if (found.kind == MarkKind::strong) strong_ = std::min(strong_, i);
      mark(i, i + found.lines, TextRole::attribution);
      i += found.lines;
      if (above_marked || !written) continue;
      mark(i, lines_.size(), TextRole::quoted);
      return;
    }
  }

  /// The end of a long quoted line that a mail program put on a line of its own.
  void mark_wrapped_quotes() {
    constexpr std::size_t long_line = 60;
    for (std::size_t i = 1; i + 1 < lines_.size(); ++i) {
      const std::string_view above = lines_.at(i - 1), line = lines_.at(i);
      if (roles_[i] != TextRole::written || roles_[i - 1] != TextRole::quoted || !lines_.marked(i + 1)) continue;
      if (line.empty() || above.size() < long_line || line.size() > above.size()) continue;
      const bool goes_on =
          line.front() >= 'a' && line.front() <= 'z' && (is_letter(above.back()) || above.back() == ',');
      if (goes_on && lines_.marked(i - 1)) roles_[i] = TextRole::quoted;
    }
  }

  std::size_t count_written(std::size_t start, std::size_t end) const {
    std::size_t count = 0;
    for (std::size_t i = start; i < end; ++i) count += lines_.blank(i) ? 0 : 1;
    return count;
  }

  bool holds_contact(std::size_t start, std::size_t end) const {
    for (std::size_t i = start; i < end; ++i)
      if (lines_.at(i).find_first_of('@') != std::string_view::npos ||
          lines_.at(i).find("://") != std::string_view::npos)
        return true;
    return false;
  }

  /// In the run of written lines [start, end).
  void mark_signature(std::size_t start, std::size_t end) {
    constexpr std::size_t longest = 16;
    std::size_t stop = end;
    for (std::size_t i = end, below = 0; i-- > start && below <= longest;) {
      const std::string_view line = lines_.at(i);
      const bool footer = line.starts_with("_____") && is_rule(line) && holds_contact(i, end);
      const bool drawn = is_rule(line) && count_written(i, stop) == 1;
      if (is_signature_delimiter(line) || footer || drawn) stop = i;
      below += line.empty() ? 0 : 1;
    }
    mark(stop, end, TextRole::signature);
    for (std::size_t i = start; i < stop; ++i)
      if (is_client_signature(lines_.at(i))) roles_[i] = TextRole::signature;
    mark_signed_name(start, stop);
  }

  /// `-Abhishek Kona` as the last paragraph.
  void mark_signed_name(std::size_t start, std::size_t end) {
    constexpr std::size_t longest = 32;
    while (end > start && (lines_.blank(end - 1) || roles_[end - 1] == TextRole::signature)) --end;
    if (end < start + 3 || !lines_.blank(end - 2)) return;
    std::string_view line = lines_.at(end - 1);
    if (!line.starts_with('-') || line.size() > longest) return;
    line.remove_prefix(1);
    const bool name =
        !line.empty() && (is_letter(line.front()) || is_8bit(line.front())) && std::ranges::count(line, ' ') <= 2 &&
        std::ranges::all_of(line, [](char c) { return is_letter(c) || is_8bit(c) || c == ' ' || c == '.'; });
    if (name) roles_[end - 1] = TextRole::signature;
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
    if (answered == 0 || (answered == 1 && !written_above && has(TextRole::attribution))) return;
    for (std::size_t i = 0; i < last; ++i)
      if (roles_[i] == TextRole::quoted) roles_[i] = TextRole::context;
  }

  bool holds_run(std::size_t start) const {
    for (std::size_t i = start, end = run_end(start); i < end; ++i)
      if (holds_words(lines_.at(i))) return true;
    return false;
  }

  QuoteCut cut() const {
    const bool quotes = has(TextRole::attribution) || has(TextRole::quoted) || has(TextRole::context);
    if (!quotes && !forwarded_ && !undone_) return QuoteCut::none;
    if (forwarded_ || undone_ || strong_ >= lines_.size()) return QuoteCut::unsure;
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
  bool forwarded_ = false;
  bool undone_ = false;
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

std::string ReplyText::written(std::string_view text) const {
  std::string result;
  bool left_out = false;
  for (const TextRange& range : ranges) {
    const bool kept = range.role == TextRole::written || range.role == TextRole::context;
    if (kept && left_out && !result.empty()) result += '\n';
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
