#include "parsers/printable.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>

#include "parsers/ascii.h"

namespace ticketd {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool is_bidi_control(UChar32 c) { return u_hasBinaryProperty(c, UCHAR_BIDI_CONTROL) != 0; }

bool is_harmless(UChar32 c) {
  if (c < 0 || c == 0x2028 || c == 0x2029) return false;
  return u_charType(c) != U_CONTROL_CHAR && !is_bidi_control(c);
}

// ICU's macro converts between int and uint8_t.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
/// The code point at `at`, which is moved behind it; negative where the octets are no UTF-8.
UChar32 next_code_point(std::string_view text, std::int32_t& at) {
  UChar32 c = 0;
  U8_NEXT(text.data(), at, static_cast<std::int32_t>(text.size()), c);
  return c;
}
#pragma GCC diagnostic pop

std::string printable(std::string_view foreign, bool keep_line_feeds) {
  std::string result;
  result.reserve(foreign.size());
  const auto length = static_cast<std::int32_t>(foreign.size());
  for (std::int32_t i = 0; i < length;) {
    const std::int32_t start = i;
    const UChar32 c = next_code_point(foreign, i);
    const auto octets = foreign.substr(static_cast<std::size_t>(start), static_cast<std::size_t>(i - start));
    if (c == '\t')
      result += ' ';
    else if (is_harmless(c) || (c == '\n' && keep_line_feeds))
      result += octets;
    else
      result += kReplacement;
  }
  return result;
}

}  // namespace

std::string printable_line(std::string_view foreign) { return printable(foreign, false); }
std::string printable_text(std::string_view foreign) { return printable(foreign, true); }

std::string shell_word(std::string_view text) {
  const auto is_plain = [](char c) {
    return is_letter(c) || is_digit(c) || std::string_view("@._+-").find(c) != std::string_view::npos;
  };
  if (std::ranges::all_of(text, is_plain)) return std::string(text);
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

}  // namespace ticketd
