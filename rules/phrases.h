#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/placeholders.h"

namespace ticketd {

/// The sentences and words of one language that the program itself puts into mails: a file phrases.txt beside the
/// templates, a line `key: text` for each. Texts hold placeholders as templates do.
class Phrases {
 public:
  /// Adds those of a file; one with the key of an earlier file replaces it. Returns what is wrong, one sentence each
  /// ("line 4: unknown placeholder {foo}; allowed are …"); empty on success. Nothing changes on error.
  [[nodiscard]] std::vector<std::string> add(std::string_view text);
  void add(const Phrases& more);

  /// nullptr where there is none.
  [[nodiscard]] const PlaceholderLine* find(std::string_view key) const;
  /// The keys that have no text, in the order of the list.
  [[nodiscard]] std::vector<std::string> missing() const;
  /// What the English texts say and these ones don't: "promise without {due}".
  [[nodiscard]] std::vector<std::string> lost_facts() const;

 private:
  std::map<std::string, PlaceholderLine, std::less<>> texts_;
};

/// Where the words of a mail are looked up: phrases, and behind them those that stand in for what they lack. They must
/// outlive it.
class Vocabulary {
 public:
  explicit Vocabulary(std::vector<const Phrases*> sources) : sources_(std::move(sources)) {}
  /// std::logic_error where there is none.
  [[nodiscard]] const PlaceholderLine& text(std::string_view key) const;

 private:
  std::vector<const Phrases*> sources_;  ///< those that count first in front
};

/// The built-in ones, which lack nothing.
[[nodiscard]] const Phrases& english_phrases();

/// What is said at one place of a mail or a log: a text as it is, or a phrase with what is put into it. Its language is
/// chosen when it is written down, and what is said to a customer and in the log is the same thing.
class Words {
 public:
  using Values = std::vector<std::pair<std::string_view, Words>>;

  Words() = default;
  Words(std::string text) : text_(std::move(text)) {}
  Words(std::string_view text) : text_(text) {}
  Words(const char* text) : text_(text) {}
  /// `key` and the names of `values` are literals.
  [[nodiscard]] static Words phrase(std::string_view key, Values values = {});

  [[nodiscard]] bool empty() const { return text_.empty() && key_.empty(); }
  /// std::logic_error when a value is missing that the phrase may hold. Values are inserted as they are, once: braces
  /// in them mean nothing.
  [[nodiscard]] std::string in(const Vocabulary& vocabulary) const;
  [[nodiscard]] std::string in(const Phrases& phrases) const { return in(Vocabulary({&phrases})); }

 private:
  [[nodiscard]] const Words& value(std::string_view name) const;

  std::string text_;
  std::string_view key_;
  Values values_;
};

[[nodiscard]] std::string in_english(const Words& words);

}  // namespace ticketd
