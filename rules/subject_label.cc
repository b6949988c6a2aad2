#include "rules/subject_label.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "rules/negation.h"
#include "rules/subject_words.h"
#include "rules/word_list.h"

namespace ticketd {
namespace {

/// A word or phrase that means a category.
struct LabelWord {
  Priority priority = Priority::normal;
  std::vector<SubjectWord> words;
};

/// Where a label may stand: words [begin, end).
struct Match {
  Priority priority = Priority::normal;
  std::size_t begin = 0, end = 0;
};

constexpr std::string_view kMarkers[] = {"priority", "severity",  "importance", "prio",        "sev",
                                         "category", "priorität", "prioritaet", "wichtigkeit", "dringlichkeit",
                                         "priorité", "prioridad", "priorità",   "prioriteit"};
constexpr std::string_view kMarkerFillers[] = {"is", "level", "very"};
constexpr std::string_view kReplyMarks[] = {"re", "fw", "fwd", "aw", "wg", "antw", "sv", "tr", "rv"};
/// `Category 7 cabling` is a cable.
constexpr std::string_view kCables[] = {"cable",   "cables",   "cabling", "wire",   "wires",   "wiring",
                                        "patch",   "ethernet", "lan",     "socket", "sockets", "outlet",
                                        "outlets", "plug",     "rj45",    "utp",    "stp"};
constexpr std::string_view kValues[] = {"10", "7", "5"};

bool is_blank(std::string_view gap) { return gap.find_first_not_of(' ') == std::string_view::npos; }

/// A single character that makes one word of two: `high-speed`, `high.example.com`, `urgent@example.com`.
bool joins(std::string_view gap) { return is_one_of(gap, {"-", "\u2010", "_", "/", "&", "+", ".", "@"}); }

/// Does the gap after a word set it off from the rest? What belongs to the next word (`high "beep"`, `high (loud)
/// noise`, `high & low`) does not; a square bracket is a tag of its own.
bool sets_off_after(std::string_view gap) {
  if (is_blank(gap) || joins(gap)) return false;
  const bool spaced = gap.starts_with(' ');
  const auto mark = gap.substr(gap.find_first_not_of(' '));
  if (starts_with_any(mark, {"&", "+", "@", "%", "$", "#", "(", "{", "<", "\u201C", "\u201E", "\u00AB", "\u2018"}))
    return false;
  return !spaced || !starts_with_any(mark, {"\"", "'", ">", "_"});
}

/// The same before a word.
bool sets_off_before(std::string_view gap) {
  if (is_blank(gap) || joins(gap)) return false;
  const bool spaced = gap.ends_with(' ');
  const auto mark = gap.substr(0, gap.find_last_not_of(' ') + 1);
  if (ends_with_any(mark, {"&", "+", "@", "%", "$"})) return false;
  return !spaced || !ends_with_any(mark, {")", "}", "]", ">", "<", "\"", "'", "_", "\u201D", "\u00BB", "\u2019"});
}

std::vector<LabelWord> label_words(const Ruleset& ruleset) {
  std::vector<LabelWord> labels;
  for (const auto priority : kPriorities) {
    labels.push_back({priority, cut_words(category_name(priority)).words});
    for (const auto& text : ruleset.rule(priority).labels)
      if (auto words = cut_words(text).words; !words.empty()) labels.push_back({priority, std::move(words)});
  }
  return labels;
}

/// A subject with all that its words may claim.
class LabelledSubject {
 public:
  LabelledSubject(std::string_view subject, const std::vector<LabelWord>& labels) : subject_(cut_words(subject)) {
    for (std::size_t i = 0; i < size(); ++i) {
      match_category(i);
      for (const auto& label : labels) match_label(i, label);
    }
    count();
  }

  [[nodiscard]] std::optional<SubjectLabel> highest() const {
    const Match* best = nullptr;
    for (std::size_t i = 0; i < matches_.size(); ++i)
      if ((best == nullptr || matches_[i].priority > best->priority) && counts(i)) best = &matches_[i];
    if (best == nullptr) return std::nullopt;
    return SubjectLabel{best->priority, as_written(*best)};
  }

  /// The first label that is negated, as written, with what negates it; empty without one.
  [[nodiscard]] std::string first_negated() const {
    for (std::size_t i = 0; i < matches_.size(); ++i) {
      const auto& match = matches_[i];
      const auto end = extended_end(match);
      if (const auto negator = negator_of(subject_, match.begin, end); negator && stands_as_label(i))
        return as_written({match.priority, std::min(*negator, match.begin), std::max(*negator + 1, end)});
    }
    return {};
  }

  /// Nothing but a label, as in the `High` of `High [SUP-12] no calls`.
  [[nodiscard]] bool is_label_alone() const { return size() > 0 && is_alone(); }

 private:
  [[nodiscard]] std::size_t size() const { return subject_.words.size(); }
  [[nodiscard]] std::string_view word(std::size_t i) const { return subject_.words[i].folded; }
  [[nodiscard]] std::string_view gap(std::size_t i) const { return subject_.gap(i); }

  /// `Category 10`, `Category: 7`; the only way to claim a category by its number.
  void match_category(std::size_t i) {
    if (word(i) != "category" || i + 1 >= size() || !is_one_of(word(i + 1), kValues)) return;
    if (gap(i + 1).find_first_not_of(" :=#-") != std::string_view::npos || gap(i + 1).empty()) return;
    if (i + 2 < size() && (joins(gap(i + 2)) || is_one_of(word(i + 2), kCables))) return;
    const auto value = word(i + 1);
    numbered_.push_back(i);
    matches_.push_back({value == "10" ? Priority::urgent : value == "7" ? Priority::high : Priority::normal, i, i + 2});
  }

  void match_label(std::size_t i, const LabelWord& label) {
    if (i + label.words.size() > size()) return;
    for (std::size_t k = 0; k < label.words.size(); ++k)
      if (word(i + k) != label.words[k].folded || (k > 0 && !is_blank(gap(i + k)) && gap(i + k) != label.words[k].gap))
        return;
    matches_.push_back({label.priority, i, i + label.words.size()});
  }

  void count() {
    std::size_t covered = 0;
    for (const auto& match : matches_) {
      labelled_words_ += match.end - std::clamp(covered, match.begin, match.end);
      covered = std::max(covered, match.end);
    }
    for (const auto& word : subject_.words) {
      capitals_ += word.word_case == WordCase::capitals;
      others_ += word.word_case == WordCase::other;
    }
    while (tagged_ < size() && stands_in_brackets(tagged_)) ++tagged_;
  }

  /// Within a square bracket at the start: `[EXTERNAL] High: …` starts with its label all the same.
  [[nodiscard]] bool stands_in_brackets(std::size_t i) const {
    const auto opened = gap(i).rfind('['), closed = gap(i).rfind(']');
    if (opened == std::string_view::npos) return closed == std::string_view::npos && i > 0;
    return closed == std::string_view::npos || closed < opened;
  }

  [[nodiscard]] bool counts(std::size_t i) const {
    const auto& match = matches_[i];
    return !negator_of(subject_, match.begin, extended_end(match)) && stands_as_label(i);
  }

  /// But for a negation.
  [[nodiscard]] bool stands_as_label(std::size_t i) const {
    const auto& match = matches_[i];
    if (match.priority == Priority::urgent || is_numbered(match)) return !gap(match.end).starts_with('@');
    return is_alone() || is_next_to_marker(match) || is_tag(match) || is_in_capitals(match) || is_at_start(i) ||
           is_at_end(i);
  }

  [[nodiscard]] bool is_numbered(const Match& match) const {
    return std::ranges::binary_search(numbered_, match.begin);
  }

  /// The end of `high priority` for the label `high`.
  [[nodiscard]] std::size_t extended_end(const Match& match) const {
    return precedes_marker(match) ? match.end + 1 : match.end;
  }

  [[nodiscard]] bool is_alone() const { return labelled_words_ == size(); }

  [[nodiscard]] bool precedes_marker(const Match& match) const {
    const auto after = gap(match.end);
    return match.end < size() && is_one_of(word(match.end), kMarkers) && word(match.end) != "category" &&
           (is_blank(after) || joins(after));
  }

  [[nodiscard]] bool follows_marker(const Match& match) const {
    if (match.end < size() && joins(gap(match.end))) return false;
    const auto leads_on = [this](std::size_t i) { return gap(i).find_first_of(".,;!?") == std::string_view::npos; };
    auto at = match.begin;
    if (at > 1 && is_one_of(word(at - 1), kMarkerFillers) && leads_on(at)) --at;
    return at > 0 && is_one_of(word(at - 1), kMarkers) && leads_on(at);
  }

  [[nodiscard]] bool is_next_to_marker(const Match& match) const {
    return precedes_marker(match) || follows_marker(match);
  }

  /// `[High]` anywhere: square brackets in subjects hold tags.
  [[nodiscard]] bool is_tag(const Match& match) const {
    return ends_with_any(gap(match.begin), {"[", "\u3010"}) && starts_with_any(gap(match.end), {"]", "\u3011"});
  }

  /// `HIGH` in a subject whose other words are mostly not in capitals.
  [[nodiscard]] bool is_in_capitals(const Match& match) const {
    if (joins(gap(match.begin)) || (match.end < size() && joins(gap(match.end)))) return false;
    for (auto i = match.begin; i < match.end; ++i)
      if (subject_.words[i].word_case != WordCase::capitals) return false;
    const auto rest = capitals_ - (match.end - match.begin);
    return rest == 0 || rest < others_;
  }

  /// `High: …`, `[EXTERNAL] (high) …`, `High/Normal`, and `High Re: …` where the label went before the mark.
  [[nodiscard]] bool is_at_start(std::size_t i) const {
    const auto& match = matches_[i];
    if (match.begin != 0 && match.begin != tagged_) return false;
    return sets_off_after(gap(match.end)) || is_listed(i, i + 1) ||
           (match.end < size() && is_one_of(word(match.end), kReplyMarks) && gap(match.end + 1).starts_with(':'));
  }

  /// `… - High`, `… (high)!`
  [[nodiscard]] bool is_at_end(std::size_t i) const {
    const auto& match = matches_[i];
    if (match.end != size()) return false;
    return sets_off_before(gap(match.begin)) || match.begin == tagged_ || (i > 0 && is_listed(i - 1, i));
  }

  /// Two labels with no more than a stroke or the like between them: `normal/high`.
  [[nodiscard]] bool is_listed(std::size_t first, std::size_t second) const {
    if (second >= matches_.size() || matches_[first].end != matches_[second].begin) return false;
    return !is_blank(gap(matches_[second].begin));
  }

  [[nodiscard]] std::string as_written(const Match& match) const {
    std::string text;
    for (auto i = match.begin; i < match.end; ++i)
      text += (text.empty() || gap(i).empty() ? "" : " ") + subject_.words[i].text;
    return text;
  }

  SubjectWords subject_;
  std::vector<Match> matches_;         ///< in the order of the subject
  std::vector<std::size_t> numbered_;  ///< where those by number begin
  std::size_t labelled_words_ = 0;
  std::size_t tagged_ = 0;  ///< how many words stand in square brackets at the start
  std::size_t capitals_ = 0, others_ = 0;
};

}  // namespace

std::string find_negated_label(std::string_view subject, const Ruleset& ruleset) {
  return LabelledSubject(base_subject(subject, ruleset.support.subject_tag), label_words(ruleset)).first_negated();
}

std::optional<SubjectLabel> find_subject_label(std::string_view subject, const Ruleset& ruleset) {
  const auto labels = label_words(ruleset);
  const auto& tag = ruleset.support.subject_tag;
  if (auto found = LabelledSubject(base_subject(subject, tag), labels).highest()) return found;
  // `High [SUP-12] no calls`: without its tag the label no longer looks set off.
  const auto whole = base_subject(subject, "");
  const LabelledSubject head(std::string_view(whole).substr(0, whole.find('[')), labels);
  return head.is_label_alone() ? head.highest() : std::nullopt;
}

}  // namespace ticketd
