#include "daemon/imap/mailbox_name.h"

#include <unicode/ustring.h>

#include <cstdint>
#include <optional>
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

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/// Base64 of the units as big-endian octets, with `,` for `/` and without padding.
void append_base64(std::string& text, const UChar* unit, const UChar* end) {
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (; unit != end; ++unit) {
    bits = (bits << 16) | *unit;
    for (count += 16; count >= 6; count -= 6) text += kDigits[(bits >> (count - 6)) & 63];
  }
  if (count > 0) text += kDigits[(bits << (6 - count)) & 63];
}

/// The other way; false when it is no such thing. Nothing between `&` and `-` is the `&` itself.
bool append_units(std::vector<UChar>& units, std::string_view base64) {
  if (base64.empty()) units.push_back('&');
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char digit : base64) {
    const auto value = kDigits.find(digit);
    if (value == std::string_view::npos) return false;
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 16) continue;
    count -= 16;
    units.push_back(static_cast<UChar>(bits >> count));
  }
  return count < 6 && (bits & ((1U << count) - 1)) == 0;  // what fills the last digit up
}

/// nullopt: half a pair of surrogates is among them.
std::optional<std::string> to_utf8(const std::vector<UChar>& units) {
  constexpr std::size_t kLongestCharacter = 3;  // octets of UTF-8 for one unit
  std::string text(units.size() * kLongestCharacter, '\0');
  std::int32_t length = 0;
  UErrorCode error = U_ZERO_ERROR;
  u_strToUTF8(text.data(), static_cast<std::int32_t>(text.size()), &length, units.data(),
              static_cast<std::int32_t>(units.size()), &error);
  if (U_FAILURE(error)) return std::nullopt;
  text.resize(static_cast<std::size_t>(length));
  return text;
}

}  // namespace

std::string decode_mailbox_name(std::string_view wire) {
  std::vector<UChar> units;
  for (std::size_t at = 0; at < wire.size(); ++at) {
    if (wire[at] != '&') {
      if (!stands_for_itself(static_cast<unsigned char>(wire[at]))) return std::string(wire);
      units.push_back(static_cast<UChar>(wire[at]));
      continue;
    }
    const auto end = wire.find('-', at);
    if (end == std::string_view::npos || !append_units(units, wire.substr(at + 1, end - at - 1)))
      return std::string(wire);
    at = end;
  }
  return to_utf8(units).value_or(std::string(wire));
}

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
