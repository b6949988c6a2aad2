#pragma once

#include <unicode/utf8.h>

#include <cstdint>
#include <string_view>

namespace ticketd {

constexpr char32_t kNoCodePoint = 0xFFFFFFFF;

// ICU's macro converts between int and uint8_t.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
/// The code point at `at`, which is moved behind it; `kNoCodePoint` where the octets are no UTF-8. Texts of up to 2 GB.
inline char32_t next_code_point(std::string_view text, std::size_t& at) {
  auto i = static_cast<std::int32_t>(at);
  UChar32 c = 0;
  U8_NEXT(text.data(), i, static_cast<std::int32_t>(text.size()), c);
  at = static_cast<std::size_t>(i);
  return c < 0 ? kNoCodePoint : static_cast<char32_t>(c);
}
#pragma GCC diagnostic pop

}  // namespace ticketd
