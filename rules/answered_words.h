#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "rules/folded_words.h"

namespace ticketd {

/// What a mail of ours to staff says, to be found again in what they answer.
class AnsweredWords {
 public:
  /// `known`: what the customer wrote or was sent himself, and names that he knows; it may be quoted to him.
  AnsweredWords(std::string_view text, const std::vector<std::string>& known);
  AnsweredWords(const AnsweredWords&) = delete;
  AnsweredWords& operator=(const AnsweredWords&) = delete;

  /// Does a piece of it stand there that the customer doesn't know, and that is too long to be there by chance?
  [[nodiscard]] bool stand_in(std::string_view words) const;
  /// Reads a quote of it, line by line.
  class Quote {
   public:
    explicit Quote(const AnsweredWords& answered) : words_(answered.folded_.words) {}
    /// Does that line, or a piece of one that a mail program broke, go on with the quote, or is it too long to be
    /// somebody's own? Whatever the customer knows. A short one of somebody's own stands there by chance at most.
    bool go_on(std::string_view line);

   private:
    [[nodiscard]] bool stands_at(std::size_t at, std::u32string_view line) const;
    std::u32string_view words_;
    std::size_t at_ = 0;  ///< what was read of it
  };

 private:
  const FoldedText folded_;
  std::unordered_set<std::u32string_view> telling_;  ///< pieces of `folded_`
};

/// Where the line begins in which the cut line stands, however it was quoted or broken; npos when it is not there.
[[nodiscard]] std::size_t find_cut(std::string_view text, std::string_view cut_line);

}  // namespace ticketd
