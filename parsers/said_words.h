#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_set>

namespace ticketd {

/// What texts say, whatever their lines, signs and blanks: to see whether one text repeats another. Linear in the
/// texts.
class SaidWords {
 public:
  /// `text` is UTF-8.
  void add(std::string_view text);
  /// Each line's words were said in the same order, three by three. True for a text without words.
  [[nodiscard]] bool all_of(std::string_view text) const;
  /// The same of four words in five, also of each line of two words and more: the forms of a text differ in links and
  /// in what stands for pictures.
  [[nodiscard]] bool most_of(std::string_view text) const;

 private:
  struct Count {
    std::size_t words = 0;
    std::size_t unsaid = 0;
  };
  [[nodiscard]] Count count(std::string_view text, std::size_t enough) const;

  std::unordered_set<std::uint64_t> said_;
};

}  // namespace ticketd
