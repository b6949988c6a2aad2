#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ticketd {

/// Is this a word that a header field can hold as it is? Not so: anything but printable ASCII, what a reader could take
/// for an encoded word, and what is too long for a line.
[[nodiscard]] bool needs_encoded_word(std::string_view word);

/// UTF-8 text as encoded words (RFC 2047 §2) of at most 75 characters, in Q or B, whichever is shorter. No word splits
/// a character. The first word fits behind `column` of its line when at least half of a word fits there.
[[nodiscard]] std::vector<std::string> encoded_words(std::string_view text, std::size_t column);

}  // namespace ticketd
