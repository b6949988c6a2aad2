#include "parsers/transfer.h"

#include <array>

#include "parsers/ascii.h"

namespace ticketd {
namespace {

constexpr std::uint8_t kNoDigit = 255;

constexpr std::array<std::uint8_t, 256> base64_digits() {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(kNoDigit);
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    digits[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return digits;
}
constexpr auto kBase64Digits = base64_digits();

struct Text {
  std::string octets;
  void put(char c) { octets += c; }
  void put(std::string_view text) { octets += text; }
};

struct Count {
  std::uint64_t octets = 0;
  void put(char) { ++octets; }
  void put(std::string_view text) { octets += text.size(); }
};

/// Digits of one group of four, and what they stand for.
struct Group {
  std::uint32_t bits = 0;
  int digits = 0;

  template <class Out>
  void flush(Out& out) {
    const std::uint32_t aligned = bits << (6 * (4 - digits));
    for (int octet = 0; octet + 1 < digits; ++octet) out.put(static_cast<char>(aligned >> (16 - 8 * octet)));
    *this = {};
  }
};

/// Padding ends a group, not the data: some senders encode piece by piece.
template <class Out>
void decode_base64(std::string_view octets, Out& out) {
  Group group;
  for (char c : octets) {
    const std::uint8_t digit = kBase64Digits[static_cast<unsigned char>(c)];
    if (digit != kNoDigit) {
      group.bits = group.bits << 6 | digit;
      if (++group.digits == 4) group.flush(out);
    } else if (c == '=') {
      group.flush(out);
    }
  }
  group.flush(out);
}

/// Where a soft line break that starts behind `=` ends; npos when there is none. The scan for trailing blanks is
/// bounded.
std::size_t soft_break_end(std::string_view octets, std::size_t at) {
  constexpr std::size_t most_blanks = 100;
  const std::size_t limit = at + most_blanks;
  while (at < octets.size() && at < limit && is_blank(octets[at])) ++at;
  while (at < octets.size() && at < limit && octets[at] == '\r') ++at;
  if (at >= octets.size()) return octets.size();
  if (octets[at] == '\n') return at + 1;
  return octets[at - 1] == '\r' ? at : std::string_view::npos;
}

template <class Out>
void decode_quoted_printable(std::string_view octets, Out& out) {
  std::size_t at = 0;
  while (at < octets.size()) {
    const std::size_t sign = std::min(octets.find('=', at), octets.size());
    out.put(octets.substr(at, sign - at));
    at = sign + 1;
    if (sign == octets.size()) break;
    if (const int octet = hex_octet(octets, at); octet >= 0) {
      out.put(static_cast<char>(octet));
      at += 2;
    } else if (const std::size_t end = soft_break_end(octets, at); end != std::string_view::npos) {
      at = end;
    } else {
      out.put('=');
    }
  }
}

template <class Out>
void decode(std::string_view octets, TransferEncoding encoding, Out& out) {
  switch (encoding) {
    case TransferEncoding::identity:
      return out.put(octets);
    case TransferEncoding::base64:
      return decode_base64(octets, out);
    case TransferEncoding::quoted_printable:
      return decode_quoted_printable(octets, out);
  }
}

}  // namespace

TransferEncoding transfer_encoding(std::string_view field_value) {
  std::string word;
  for (char c : field_value) {
    if (is_letter(c) || is_digit(c) || c == '-')
      word += to_lower(c);
    else if (!word.empty())
      break;
  }
  if (word == "base64") return TransferEncoding::base64;
  if (word == "quoted-printable") return TransferEncoding::quoted_printable;
  return TransferEncoding::identity;
}

std::string decode_transfer(std::string_view octets, TransferEncoding encoding) {
  Text out;
  out.octets.reserve(encoding == TransferEncoding::base64 ? octets.size() / 4 * 3 + 3 : octets.size());
  decode(octets, encoding, out);
  return std::move(out.octets);
}

std::uint64_t decoded_size(std::string_view octets, TransferEncoding encoding) {
  Count out;
  decode(octets, encoding, out);
  return out.octets;
}

std::string decode_q(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int octet = text[i] == '=' ? hex_octet(text, i + 1) : -1;
    if (octet >= 0) i += 2;
    result += octet >= 0 ? static_cast<char>(octet) : text[i] == '_' ? ' ' : text[i];
  }
  return result;
}

}  // namespace ticketd
