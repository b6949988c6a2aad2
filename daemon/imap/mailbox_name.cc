#include "daemon/imap/mailbox_name.h"

#include <unicode/ustring.h>

#include <cstdint>
#include <stdexcept>
#include <vector>

namespace ticketd {

namespace {

std::vector<UChar> to_utf16(std::string_view utf8) {
  std::vector<UChar> units(utf8.size());  // never longer than the UTF-8
  std::int32_t length = 0;
  UErrorCode error = U_ZERO_ERROR;
  u_strFromUTF8(units.data(), static_cast<std::int32_t>(units.size()), &length, utf8.data(),
                static_cast<std::int32_t>(utf8.size()), &error);
  if (U_FAILURE(error)) throw std::invalid_argument("a folder's name that is not UTF-8");
  units.resize(static_cast<std::size_t>(length));
  return units;
}

bool stands_for_itself(UChar unit) { return unit >= 0x20 && unit <= 0x7e; }

/// Base64 of the units as big-endian octets, with `,` for `/` and without padding.
void append_base64(std::string& text, const UChar* unit, const UChar* end) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (; unit != end; ++unit) {
    bits = (bits << 16) | *unit;
    for (count += 16; count >= 6; count -= 6) text += kDigits[(bits >> (count - 6)) & 63];
  }
  if (count > 0) text += kDigits[(bits << (6 - count)) & 63];
}

}  // namespace

std::string quote_mailbox_name(std::string_view utf8) {
  if (utf8.empty() || utf8.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos)
    throw std::invalid_argument("a folder's name that is empty or has a line end in it");
  const auto units = to_utf16(utf8);
  const UChar* const end = units.data() + units.size();
  std::string text = "\"";
  for (const UChar* unit = units.data(); unit != end;) {
    if (stands_for_itself(*unit)) {
      if (*unit == '"' || *unit == '\\') text += '\\';
      text += static_cast<char>(*unit);
      if (*unit == '&') text += '-';
      ++unit;
      continue;
    }
    const UChar* run_end = unit;
    while (run_end != end && !stands_for_itself(*run_end)) ++run_end;
    text += '&';
    append_base64(text, unit, run_end);
    text += '-';
    unit = run_end;
  }
  return text + '"';
}

}  // namespace ticketd
