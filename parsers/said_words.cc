#include "parsers/said_words.h"

#include <algorithm>
#include <array>
#include <functional>
#include <string>

#include "parsers/ascii.h"

namespace ticketd {
namespace {

using Hash = std::uint64_t;

constexpr std::size_t kWords = 3;
constexpr std::size_t kShortestLine = 2;  ///< in words, that says something by itself

Hash hash_of(std::string_view word) { return std::hash<std::string>()(to_lower(word)); }

Hash joined(Hash words, Hash word) { return words * 0x9E3779B97F4A7C15U + word; }

/// How many octets of a word start at `at`; 0 where none does. A character of three octets and more is a word: its
/// script may write no blanks.
std::size_t word_length(std::string_view text, std::size_t at) {
  const auto octet = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  if (octet(at) >= 0xE0) {
    std::size_t end = at + 1;
    while ((octet(end) & 0xC0U) == 0x80) ++end;
    return end - at;
  }
  std::size_t end = at;
  while (end < text.size() && octet(end) < 0xE0 &&
         (is_letter(text[end]) || is_digit(text[end]) || is_8bit(text[end]))) {
    const bool no_break_space = octet(end) == 0xC2 && octet(end + 1) == 0xA0;
    if (no_break_space) break;
    ++end;
  }
  return end - at;
}

/// Calls with the hash of each word.
template <class Take>
void each_word(std::string_view text, Take take) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = word_length(text, at);
    if (length > 0) take(hash_of(text.substr(at, length)));
    at += length > 0 ? length : 1;
  }
}

/// The last words of a text, as hashes of one, two and three.
class Window {
 public:
  void add(Hash word) {
    for (std::size_t n = kWords; n-- > 1;) last_.at(n) = joined(last_.at(n - 1), word);
    last_.front() = word;
    ++words_;
  }
  /// Of the last `n` words, for n up to `most`.
  [[nodiscard]] Hash of(std::size_t n) const { return joined(n, last_.at(n - 1)); }
  [[nodiscard]] std::size_t most() const { return std::min(words_, kWords); }

 private:
  std::array<Hash, kWords> last_{};
  std::size_t words_ = 0;
};

}  // namespace

void SaidWords::add(std::string_view text) {
  Window window;
  each_word(text, [&](Hash word) {
    window.add(word);
    for (std::size_t n = 1; n <= window.most(); ++n) said_.insert(window.of(n));
  });
}

/// Up to the line in which so many were not said.
SaidWords::Count SaidWords::count(std::string_view text, std::size_t enough) const {
  Count found;
  for (std::size_t at = 0; at < text.size() && found.unsaid < enough;) {
    const std::size_t feed = std::min(text.find('\n', at), text.size());
    Window line;
    each_word(text.substr(at, feed - at), [&](Hash word) {
      line.add(word);
      ++found.words;
      if (!said_.contains(line.of(line.most()))) ++found.unsaid;
    });
    at = feed + 1;
  }
  return found;
}

bool SaidWords::all_of(std::string_view text) const { return count(text, 1).unsaid == 0; }

bool SaidWords::most_of(std::string_view text) const {
  Count all;
  while (!text.empty()) {
    const std::size_t feed = std::min(text.find('\n'), text.size());
    const std::string_view written = trim(text.substr(0, feed));
    const bool is_picture = written.starts_with('[') && written.ends_with(']');
    const Count line = count(written, std::string_view::npos);
    if (line.words >= kShortestLine && !is_picture && 5 * line.unsaid > line.words) return false;
    all.words += line.words;
    all.unsaid += line.unsaid;
    text.remove_prefix(std::min(feed + 1, text.size()));
  }
  return 5 * all.unsaid <= all.words;
}

}  // namespace ticketd
