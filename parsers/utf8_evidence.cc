#include "parsers/utf8_evidence.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "parsers/ascii.h"

namespace ticketd {
namespace {

std::size_t sequence_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

/// Unicode §3.9 table 3-7: the second octet's range depends on the first.
bool is_second_octet(unsigned char lead, unsigned char second) {
  const unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  return second >= low && second <= high;
}

bool is_sequence(std::string_view octets) {
  if (octets.size() > 1 &&
      !is_second_octet(static_cast<unsigned char>(octets[0]), static_cast<unsigned char>(octets[1])))
    return false;
  return std::all_of(octets.begin() + 1, octets.end(), [](char c) { return (c & 0xC0) == 0x80; });
}

/// The character of a sequence of several octets.
char32_t character_of(std::string_view sequence) {
  char32_t code = static_cast<unsigned char>(sequence[0]) & (0x7FU >> sequence.size());
  for (const char c : sequence.substr(1)) code = code << 6U | (static_cast<unsigned char>(c) & 0x3FU);
  return code;
}

/// Gives each sequence: where it starts, its length, its character if it has several octets. An octet that belongs to
/// none has no length.
template <class Visit>
void visit_sequences(std::string_view octets, Visit visit) {
  for (std::size_t at = 0; at < octets.size();) {
    const std::size_t length = sequence_length(static_cast<unsigned char>(octets[at]));
    const bool good = length > 0 && length <= octets.size() - at && is_sequence(octets.substr(at, length));
    visit(at, good ? length : 0, good && length > 1 ? character_of(octets.substr(at, length)) : 0);
    at += good ? length : 1;
  }
}

bool is_latin(char32_t code) {
  const bool vietnamese = code == 0x1A0 || code == 0x1A1 || code == 0x1AF || code == 0x1B0;
  const bool romanian = code >= 0x218 && code <= 0x21B;
  return code <= 0x17F || vietnamese || romanian;
}

/// Letters and signs of languages that people write mail in: a sequence of two octets beyond them is rather a capital
/// letter or a sharp s before a dash, a quote or a blank of windows-1252.
bool is_telling(char32_t code) { return is_latin(code) || (code >= 0x370 && code <= 0x6FF) || code > 0x7FF; }

/// The characters of the scripts of charsets with one octet each, beside the Latin one.
struct Script {
  std::array<std::string_view, 5> charsets;  ///< what their names hold
  char32_t first, last;
};
constexpr std::array<Script, 4> kScripts{{{{"1251", "8859-5", "koi8", "866", "cyrillic"}, 0x400, 0x52F},
                                          {{"1253", "8859-7", "greek", "737", "869"}, 0x370, 0x3FF},
                                          {{"1255", "8859-8", "hebrew", "862", "856"}, 0x590, 0x5FF},
                                          {{"1256", "8859-6", "arabic", "864", "720"}, 0x600, 0x6FF}}};

/// nullptr for the Latin one.
const Script* script_of(std::string_view charset) {
  const auto script = std::ranges::find_if(kScripts, [&](const Script& s) {
    return std::ranges::any_of(s.charsets, [&](auto name) { return charset.find(name) != std::string_view::npos; });
  });
  return script == kScripts.end() ? nullptr : &*script;
}

/// Is the character one of this script, or of none: punctuation, signs, emoji?
bool fits(char32_t code, const Script* script) {
  if ((code >= 0x2000 && code <= 0x2BFF) || code > 0xFFFF || code == 0xFEFF || code == 0xFE0F) return true;
  return script == nullptr ? is_latin(code) : code >= script->first && code <= script->last;
}

bool is_thai(char32_t code) { return code >= 0xE01 && code <= 0xE5B && (code <= 0xE3A || code >= 0xE3F); }

/// Words of Thai look like UTF-8, `รถ` like `ö`: the letters of UTF-8 are such that Thai hardly is, or stand beside a
/// small one of ASCII.
bool is_mislabelled_thai(std::string_view octets) {
  const auto is_small = [&](std::size_t at) { return at < octets.size() && octets[at] >= 'a' && octets[at] <= 'z'; };
  const auto is_no_thai = [](char c) { return is_8bit(c) && static_cast<unsigned char>(c) < 0xA0; };
  std::size_t thai = 0, other = 0, doubtful = 0, bad = 0;
  visit_sequences(octets, [&](std::size_t at, std::size_t length, char32_t code) {
    if (length == 0)
      ++bad;
    else if (is_thai(code))
      ++thai;
    else if (length > 1)
      ++(is_small(at - 1) || is_small(at + length) || std::ranges::any_of(octets.substr(at, length), is_no_thai)
             ? other
             : doubtful);
  });
  constexpr std::size_t enough = 2, few = 10;
  return thai >= enough ? thai >= few * bad : other > 0 && doubtful == 0 && bad == 0;
}

/// Where the run of ASCII ends that begins at `at`; eight octets at a time.
std::size_t end_of_ascii(std::string_view octets, std::size_t at) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080U;
  for (std::uint64_t word = 0; at + sizeof word <= octets.size(); at += sizeof word) {
    std::memcpy(&word, octets.data() + at, sizeof word);
    if ((word & kHighBits) != 0) break;
  }
  while (at < octets.size() && static_cast<unsigned char>(octets[at]) < 0x80) ++at;
  return at;
}

}  // namespace

bool is_valid_utf8(std::string_view octets) {
  for (std::size_t i = end_of_ascii(octets, 0); i < octets.size(); i = end_of_ascii(octets, i)) {
    const std::size_t length = sequence_length(static_cast<unsigned char>(octets[i]));
    if (length == 0 || length > octets.size() - i || !is_sequence(octets.substr(i, length))) return false;
    i += length;
  }
  return true;
}

Utf8Evidence weigh_utf8(std::string_view octets, std::string_view charset) {
  Utf8Evidence result;
  const Script* script = script_of(charset);
  visit_sequences(octets, [&](std::size_t, std::size_t length, char32_t code) {
    if (length == 0) ++result.bad;
    if (length < 2 || !is_telling(code)) return;
    if (result.telling++ == 0) result.first = code;
    result.has_different = result.has_different || code != result.first;
    result.octets += length;
    if (fits(code, script)) ++result.fitting;
  });
  return result;
}

bool is_mislabelled_utf8(std::string_view octets, std::string_view charset) {
  if (charset == "windows-874") return is_mislabelled_thai(octets);
  const Utf8Evidence evidence = weigh_utf8(octets, charset);
  constexpr std::size_t enough = 3;
  if (evidence.bad == 0) return evidence.fitting > 0 || (evidence.octets >= 2 * enough && evidence.has_different);
  return evidence.telling >= enough && evidence.telling >= enough * evidence.bad;
}

}  // namespace ticketd
