#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ticketd {

/// How a word is written, as far as emphasis goes. `neutral` has no letters, or a single one ("I", "A", "7").
enum class WordCase { neutral, capitals, other };

/// A run of letters, digits and apostrophes; an ideograph is a word of its own, for such scripts put no blanks between
/// words.
struct SubjectWord {
  std::string text;    ///< as written, without invisible format characters
  std::string folded;  ///< of `fold_for_comparison`, apostrophes straight
  std::string gap;     ///< all between the word before (or the start) and this one, folded
  WordCase word_case = WordCase::neutral;
};

struct SubjectWords {
  std::vector<SubjectWord> words;
  std::string end_gap;  ///< what follows the last word

  /// The gap before word `i`; that after the last word for `i == words.size()`.
  [[nodiscard]] const std::string& gap(std::size_t i) const { return i < words.size() ? words[i].gap : end_gap; }
};

/// Cuts UTF-8 into words, in linear time. Invalid octets count as punctuation.
[[nodiscard]] SubjectWords cut_words(std::string_view utf8);

}  // namespace ticketd
