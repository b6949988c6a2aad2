#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ticketd {

/// A text as it is compared with another, whatever mail programs did to it on its way: letters and digits in one case
/// and without accents, one blank for all that stands between two words, and nothing that has no ink.
struct FoldedText {
  std::u32string words;
  std::vector<std::size_t> origins;  ///< of each character: the octet of the text that it comes from
};

/// Linear in time.
[[nodiscard]] FoldedText fold_words(std::string_view utf8);

}  // namespace ticketd
