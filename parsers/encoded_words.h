#pragma once

#include <string>
#include <string_view>

namespace ticketd {

/// Raw header text to UTF-8: encoded words (RFC 2047, with the language of RFC 2231 §5) wherever they stand, also
/// inside quotes, with blanks inside or a character split over two of them; unencoded 8-bit text goes the way of
/// `decode_charset(…, hint)`. The text is otherwise as it was; what only looks like an encoded word stays.
[[nodiscard]] std::string decode_encoded_words(std::string_view raw, std::string_view hint = {});

/// The length of the encoded word at the start of `raw`; 0 when there is none. Linear in its answer, or in `raw`.
[[nodiscard]] std::size_t encoded_word_length(std::string_view raw);

}  // namespace ticketd
