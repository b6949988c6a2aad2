#include "rules/encoded_word.h"

#include <algorithm>

#include "parsers/ascii.h"
#include "rules/base64.h"

namespace ticketd {
namespace {

constexpr std::size_t kLine = 78;
constexpr std::size_t kWord = 75;
constexpr std::string_view kPrefix = "=?UTF-8?Q?";
constexpr std::string_view kSuffix = "?=";
constexpr std::size_t kFrame = kPrefix.size() + kSuffix.size();
constexpr std::size_t kLongestPlainWord = 70;
constexpr std::string_view kHex = "0123456789ABCDEF";

// RFC 2047 §5 rule 3: the characters that Q leaves alone even in a phrase.
bool is_plain_in_q(char c) {
  return is_letter(c) || is_digit(c) || std::string_view("!*+-/").find(c) != std::string_view::npos;
}

std::size_t q_size(std::string_view text) {
  std::size_t size = 0;
  for (const char c : text) size += is_plain_in_q(c) || c == ' ' ? 1 : 3;
  return size;
}

std::size_t b_size(std::string_view text) { return (text.size() + 2) / 3 * 4; }

std::string q_encoded(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (is_plain_in_q(c))
      result += c;
    else if (c == ' ')
      result += '_';
    else
      (result += '=').append({kHex[octet >> 4], kHex[octet & 15]});
  }
  return result;
}

/// Octets of the character that starts at `at`.
std::size_t character_size(std::string_view text, std::size_t at) {
  std::size_t size = 1;
  while (at + size < text.size() && (static_cast<unsigned char>(text[at + size]) & 0xC0) == 0x80) ++size;
  return size;
}

/// How many octets from the front of `text` fit into `room` characters of payload; at least one character.
std::size_t fitting(std::string_view text, std::size_t room, std::size_t (*encoded_size)(std::string_view)) {
  std::size_t size = character_size(text, 0);
  while (size < text.size()) {
    const std::size_t next = size + character_size(text, size);
    if (encoded_size(text.substr(0, next)) > room) break;
    size = next;
  }
  return size;
}

}  // namespace

bool needs_encoded_word(std::string_view word) {
  return word.size() > kLongestPlainWord || word.find("=?") != std::string_view::npos ||
         std::ranges::any_of(word, [](char c) { return is_8bit(c) || is_control(c); });
}

std::vector<std::string> encoded_words(std::string_view text, std::size_t column) {
  // Q can be read by people and searched; B is shorter where most characters are not ASCII.
  const bool is_q = q_size(text) * 2 <= b_size(text) * 3;
  std::size_t room = kWord - kFrame;
  if (column + kFrame + room / 2 <= kLine) room = std::min(room, kLine - column - kFrame);
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t size = fitting(text, room, is_q ? q_size : b_size);
    const auto piece = text.substr(0, size);
    std::string word(kPrefix);
    if (!is_q) word[kPrefix.size() - 2] = 'B';
    words.push_back(word.append(is_q ? q_encoded(piece) : base64(piece)).append(kSuffix));
    text.remove_prefix(size);
    room = kWord - kFrame;
  }
  return words;
}

}  // namespace ticketd
