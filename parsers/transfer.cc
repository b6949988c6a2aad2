#include "parsers/transfer.h"

#include <algorithm>
#include <array>
#include <type_traits>

#include "parsers/ascii.h"
#include "parsers/utf8_evidence.h"

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

/// As many whole groups as there are, without anything in between; gives where they end.
template <class Out>
std::size_t decode_base64_groups(std::string_view octets, std::size_t at, Out& out) {
  std::array<char, 3 * 512> piece;
  std::size_t filled = 0;
  const auto digit = [&](std::size_t i) -> std::uint32_t {
    return kBase64Digits[static_cast<unsigned char>(octets[i])];
  };
  for (; octets.size() - at >= 4; at += 4) {
    const std::uint32_t a = digit(at), b = digit(at + 1), c = digit(at + 2), d = digit(at + 3);
    if ((a | b | c | d) > 63) break;
    if constexpr (std::is_same_v<Out, Count>) {
      out.octets += 3;
      continue;
    }
    const std::uint32_t bits = a << 18 | b << 12 | c << 6 | d;
    piece[filled] = static_cast<char>(bits >> 16);
    piece[filled + 1] = static_cast<char>(bits >> 8);
    piece[filled + 2] = static_cast<char>(bits);
    filled += 3;
    if (filled < piece.size()) continue;
    out.put(std::string_view(piece.data(), filled));
    filled = 0;
  }
  out.put(std::string_view(piece.data(), filled));
  return at;
}

/// Padding ends a group, not the data: some senders encode piece by piece.
template <class Out>
void decode_base64(std::string_view octets, Out& out) {
  Group group;
  for (std::size_t at = 0; at < octets.size(); ++at) {
    if (group.digits == 0) at = decode_base64_groups(octets, at, out);
    if (at == octets.size()) break;
    const std::uint8_t digit = kBase64Digits[static_cast<unsigned char>(octets[at])];
    if (digit != kNoDigit) {
      group.bits = group.bits << 6 | digit;
      if (++group.digits == 4) group.flush(out);
    } else if (octets[at] == '=') {
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
  std::size_t kept = 0;  // up to here, all is put
  for (std::size_t sign = octets.find('='), next = 0; sign != std::string_view::npos; sign = octets.find('=', next)) {
    next = sign + 1;
    const int octet = hex_octet(octets, next);
    const std::size_t end = octet >= 0 ? next + 2 : soft_break_end(octets, next);
    if (end == std::string_view::npos) continue;
    out.put(octets.substr(kept, sign - kept));
    if (octet >= 0) out.put(static_cast<char>(octet));
    kept = next = end;
  }
  out.put(octets.substr(kept));
}

/// A line of base64, by its octets alone: also a word of prose may be one.
bool is_base64_line(std::string_view line) {
  bool digit = false;
  for (char c : line) {
    const bool known = kBase64Digits[static_cast<unsigned char>(c)] != kNoDigit;
    if (!known && c != '=') return false;
    digit = digit || known;
  }
  return digit;
}

/// Lines of octets, from either end; without white space around them.
struct Line {
  std::size_t begin = 0;
  std::string_view text;
};

Line line_at(std::string_view octets, std::size_t begin) {
  const std::size_t end = std::min(octets.find('\n', begin), octets.size());
  return {begin, trim(octets.substr(begin, end - begin))};
}

/// Where the last line starts that no prose looks like; 0 when there is none. What is behind it is short in sound data.
std::size_t last_certain_line(std::string_view octets) {
  constexpr std::size_t longer_than_words = 40;
  for (std::size_t end = octets.size(); end > 0;) {
    const std::size_t feed = octets.rfind('\n', end - 1);
    const std::size_t begin = feed == std::string_view::npos ? 0 : feed + 1;
    const std::string_view text = trim(octets.substr(begin, end - begin));
    if (text.size() >= longer_than_words && text.size() % 4 == 0 && is_base64_line(text)) return begin;
    end = begin == 0 ? 0 : begin - 1;
  }
  return 0;
}

/// Foreign octets are some of each line of prose, and few in damaged base64.
bool is_prose(std::string_view octets) {
  constexpr std::size_t few = 12;
  const auto foreign = std::count_if(octets.begin(), octets.end(), [](char c) {
    return c != '\r' && c != '\n' && c != '=' && kBase64Digits[static_cast<unsigned char>(c)] == kNoDigit;
  });
  return static_cast<std::size_t>(foreign) * few >= octets.size();
}

bool decodes_to_ascii(std::string_view octets) {
  constexpr std::size_t enough = 400;
  Text text;
  decode_base64(octets.substr(0, enough), text);
  const auto is_none = [](char c) { return is_8bit(c) || (is_control(c) && !is_space(c)); };
  return !text.octets.empty() && std::ranges::none_of(text.octets, is_none);
}

/// `Help` and `HELP` and `2026`, which base64 of any length hardly is.
bool is_word(std::string_view line) {
  const auto all = [](std::string_view text, auto is) { return std::ranges::all_of(text, is); };
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (line.empty()) return false;
  return all(line, is_digit) || all(line, is_upper) || (is_letter(line.front()) && all(line.substr(1), is_lower));
}

/// One a line.
bool holds_only_words(std::string_view octets) {
  for (std::size_t at = 0; at < octets.size();) {
    const Line line = line_at(octets, at);
    if (!line.text.empty() && !is_word(line.text)) return false;
    at = std::min(octets.find('\n', at), octets.size() - 1) + 1;
  }
  return true;
}

/// Prose, or a file as it is, under a wrong label: its first line is no base64, or a word.
bool is_unencoded(std::string_view octets) {
  constexpr std::size_t longer_than_words = 40;
  const std::size_t start = std::min(octets.find_first_not_of(" \t\r\n"), octets.size());
  const std::string_view first = line_at(octets, start).text;
  const bool is_long = first.size() >= longer_than_words;
  if (is_base64_line(first) && (is_long || (first.size() % 4 == 0 && !is_word(first)))) return false;
  const auto is_foreign = [](char c) {
    return !is_space(c) && c != '=' && kBase64Digits[static_cast<unsigned char>(c)] == kNoDigit;
  };
  return std::ranges::any_of(octets, is_foreign) && is_prose(octets) && !decodes_to_ascii(octets);
}

/// Where text starts behind base64: at a line that is none, or at a word behind the padding.
std::size_t end_of_base64(std::string_view octets) {
  bool any = false;
  bool padded = false;
  for (std::size_t at = last_certain_line(octets); at < octets.size();) {
    const Line line = line_at(octets, at);
    at = std::min(octets.find('\n', at), octets.size() - 1) + 1;
    if (line.text.empty()) continue;
    const bool fits = is_base64_line(line.text) && (!padded || line.text.size() % 4 == 0);
    if (!fits) return any && is_prose(octets.substr(line.begin)) ? line.begin : octets.size();
    any = true;
    padded = line.text.ends_with('=');
  }
  return octets.size();
}

template <class Out>
void decode(std::string_view octets, TransferEncoding encoding, Out& out) {
  switch (encoding) {
    case TransferEncoding::identity:
      return out.put(octets);
    case TransferEncoding::base64:
      if (is_unencoded(octets)) return out.put(octets);
      return decode_base64(octets.substr(0, end_of_base64(octets)), out);
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

std::string decode_text(std::string_view octets, TransferEncoding encoding) {
  std::string decoded = decode_transfer(octets, encoding);
  if (encoding != TransferEncoding::base64 || !holds_only_words(octets)) return decoded;
  const auto is_none = [](char c) { return is_control(c) && !is_space(c); };
  const bool is_text = is_valid_utf8(decoded) && std::ranges::none_of(decoded, is_none);
  return is_text ? decoded : std::string(octets);
}

std::string_view text_behind(std::string_view octets, TransferEncoding encoding) {
  if (encoding != TransferEncoding::base64 || is_unencoded(octets)) return {};
  return octets.substr(end_of_base64(octets));
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
