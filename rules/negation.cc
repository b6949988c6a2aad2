#include "rules/negation.h"

#include <string_view>

#include "rules/word_list.h"

namespace ticketd {
namespace {

// Besides English those of languages whose words for "urgent" people configure.
constexpr std::string_view kNegators[] = {
    "not",     "non",    "no",     "nothing", "never", "nor",    "neither", "less",   "un",   "hardly",
    "isn't",   "isnt",   "aren't", "arent",   "ain't", "wasn't", "wasnt",   "don't",  "dont", "didn't",
    "doesn't", "doesnt", "nicht",  "nichts",  "nix",   "kein",   "keine",   "keinen", "pas",  "niet",
    "geen",    "niks",   "não",    "nao",     "nie",   "inte",   "ikke",    "ej",     "non",  "nada",
    "niente",  "не",     "非",     "不",      "无",    "無"};

/// What may stand between a negation and the label that it negates.
constexpr std::string_view kFillers[] = {
    "a",          "an",     "any",    "all",      "at",        "so",        "very",         "really",      "that",
    "too",        "longer", "super",  "more",     "most",      "the",       "terribly",     "overly",      "exactly",
    "especially", "yet",    "quite",  "actually", "currently", "extremely", "particularly", "necessarily", "is",
    "this",       "it",     "be",     "as",       "think",     "consider",  "considered",   "seem",        "look",
    "treat",      "mark",   "marked", "hugely",   "mehr",      "sehr",      "ganz",         "besonders",   "wirklich",
    "très",       "tres",   "si",     "vraiment", "du",        "tout",      "muy",          "tan",         "molto",
    "così",       "zo",     "heel",   "erg",      "meer",      "now",       "in",           "way",         "right"};
constexpr std::size_t kMostFillers = 5;

constexpr std::string_view kRefusals[] = {"no", "nope", "not", "nein", "non", "false", "nee"};

/// Blanks, quotes, emphasis: `not "urgent"`, `*not* urgent`.
bool connects(std::string_view gap) { return gap.find_first_not_of(" *_\"'`(") == std::string_view::npos; }

std::string_view without_blanks(std::string_view gap) {
  const auto first = gap.find_first_not_of(' ');
  return first == std::string_view::npos ? "" : gap.substr(first, gap.find_last_not_of(' ') - first + 1);
}

/// `non-urgent`, however the client wrote the hyphen.
bool hyphenates(std::string_view gap) { return is_one_of(gap, {"-", "\u2010", "\u2013"}); }

bool reaches(const SubjectWord& negator, std::string_view gap) {
  if (connects(gap) || hyphenates(gap)) return true;
  return (negator.folded == "non" || negator.folded == "un") && hyphenates(without_blanks(gap));
}

bool is_refused(const SubjectWords& subject, std::size_t end) {
  return end + 1 == subject.words.size() && !connects(subject.gap(end)) &&
         is_one_of(subject.words[end].folded, kRefusals);
}

}  // namespace

std::optional<std::size_t> negator_of(const SubjectWords& subject, std::size_t begin, std::size_t end) {
  std::size_t at = begin;
  for (std::size_t fillers = 0; at > 0 && fillers < kMostFillers; ++fillers) {
    const auto& before = subject.words[at - 1];
    if (is_one_of(before.folded, kNegators))
      return reaches(before, subject.gap(at)) ? std::optional(at - 1) : std::nullopt;
    if (!connects(subject.gap(at)) || !is_one_of(before.folded, kFillers)) break;
    --at;
  }
  return is_refused(subject, end) ? std::optional(end) : std::nullopt;
}

}  // namespace ticketd
