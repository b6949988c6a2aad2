#include "rules/answered_words.h"

#include <algorithm>

namespace ticketd {
namespace {

/// So many characters don't stand in somebody's own words by chance …
constexpr std::size_t kTelling = 16;
/// … and so many of them say something that the customer doesn't know.
constexpr std::size_t kUnknown = 8;

using Pieces = std::unordered_set<std::u32string_view>;

template <class Visit>
void for_each_piece(std::u32string_view words, const Visit& visit) {
  for (std::size_t at = 0; at + kTelling <= words.size(); ++at) visit(at, words.substr(at, kTelling));
}

/// Which characters of a text stand in one that is known.
class KnownCharacters {
 public:
  explicit KnownCharacters(std::u32string_view text) : text_(text), is_known_(text.size()) {}

  void add(std::u32string_view known) {
    if (known.size() < kTelling) return add_name(known);
    Pieces pieces;
    for_each_piece(known, [&](std::size_t, std::u32string_view piece) { pieces.insert(piece); });
    for_each_piece(text_, [&](std::size_t at, std::u32string_view piece) {
      if (pieces.contains(piece)) mark(at, kTelling);
    });
  }
  [[nodiscard]] std::size_t unknown(std::size_t at, std::size_t size) const {
    const auto from = is_known_.begin() + static_cast<std::ptrdiff_t>(at);
    return static_cast<std::size_t>(std::count(from, from + static_cast<std::ptrdiff_t>(size), false));
  }

 private:
  void add_name(std::u32string_view name) {
    constexpr std::size_t kShortest = 3;
    if (name.size() < kShortest) return;
    for (auto at = text_.find(name); at != text_.npos; at = text_.find(name, at + 1)) mark(at, name.size());
  }
  void mark(std::size_t at, std::size_t size) {
    std::fill_n(is_known_.begin() + static_cast<std::ptrdiff_t>(at), size, true);
  }

  std::u32string_view text_;
  std::vector<bool> is_known_;
};

}  // namespace

AnsweredWords::AnsweredWords(std::string_view text, const std::vector<std::string>& known) : folded_(fold_words(text)) {
  KnownCharacters characters(folded_.words);
  for (const auto& words : known) characters.add(fold_words(words).words);
  for_each_piece(folded_.words, [&](std::size_t at, std::u32string_view piece) {
    if (characters.unknown(at, kTelling) >= kUnknown) telling_.insert(piece);
  });
}

bool AnsweredWords::stand_in(std::string_view words) const {
  const auto folded = fold_words(words);
  bool found = false;
  for_each_piece(folded.words,
                 [&](std::size_t, std::u32string_view piece) { found = found || telling_.contains(piece); });
  return found;
}

/// As whole words.
bool AnsweredWords::Quote::stands_at(std::size_t at, std::u32string_view line) const {
  const auto end = at + line.size();
  return words_.substr(at, line.size()) == line && (at == 0 || words_[at - 1] == U' ') &&
         (end == words_.size() || words_[end] == U' ');
}

bool AnsweredWords::Quote::go_on(std::string_view line) {
  const auto words = fold_words(line).words;
  const std::size_t next = at_ < words_.size() && words_[at_] == U' ' ? at_ + 1 : at_;
  auto found = next <= words_.size() && stands_at(next, words) ? next : words_.npos;
  for (auto at = words.size() < kTelling ? words_.npos : words_.find(words); found == words_.npos && at != words_.npos;
       at = words_.find(words, at + 1))
    if (stands_at(at, words)) found = at;
  if (found != words_.npos) at_ = found + words.size();
  return found != words_.npos;
}

std::size_t find_cut(std::string_view text, std::string_view cut_line) {
  const auto words = fold_words(cut_line).words;
  if (words.empty()) return text.npos;
  const auto folded = fold_words(text);
  const auto at = folded.words.find(words);
  if (at == folded.words.npos) return text.npos;
  const auto before = text.substr(0, folded.origins[at]).rfind('\n');
  return before == text.npos ? 0 : before + 1;
}

}  // namespace ticketd
