#include "parsers/clean_text.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>

#include "parsers/ascii.h"
#include "parsers/code_points.h"

namespace ticketd {
namespace {

constexpr char32_t kZeroWidthNonJoiner = 0x200C, kZeroWidthJoiner = 0x200D, kGraphemeJoiner = 0x034F,
                   kSoftHyphen = 0xAD;
constexpr char32_t kBlackFlag = 0x1F3F4, kEndOfTags = 0xE007F, kBlankBraille = 0x2800;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// windows-1252 from 0x80 on; empty where it has nothing.
constexpr std::array<std::string_view, 32> kWindows1252{"€", "",  "‚", "ƒ", "„", "…", "†", "‡", "ˆ", "‰", "Š",
                                                        "‹", "Œ", "",  "Ž", "",  "",  "‘", "’", "“", "”", "•",
                                                        "–", "—", "˜", "™", "š", "›", "œ", "",  "ž", "Ÿ"};

bool is_variation_selector(char32_t c) { return (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE0100 && c <= 0xE01EF); }
bool is_tag(char32_t c) { return c >= 0xE0020 && c <= kEndOfTags; }
UChar32 icu(char32_t c) { return static_cast<UChar32>(c); }

/// Does the joiner do anything behind `last`? Runs of them, and those behind spaces, only fill or hide.
bool joins(char32_t last, char32_t c) {
  if (is_tag(c)) return last == kBlackFlag || (is_tag(last) && last != kEndOfTags);
  if (c == kZeroWidthJoiner && is_variation_selector(last)) return true;
  if (character_kind(last) != CharacterKind::shown || u_isUWhiteSpace(icu(last)) != 0) return false;
  if (is_variation_selector(c) || c == kSoftHyphen) return true;
  // No Latin letter changes its form: there they only split words.
  const auto mask = U_GET_GC_MASK(icu(last));
  return last >= 0x300 && (mask & (U_GC_L_MASK | U_GC_M_MASK | U_GC_S_MASK)) != 0;
}

template <typename Visit>
void visit_characters(std::string_view utf8, Visit visit) {
  for (std::size_t at = 0; at < utf8.size();) {
    const std::size_t start = at;
    const char32_t c = next_code_point(utf8, at);
    visit(c, utf8.substr(start, at - start));
  }
}

}  // namespace

CharacterKind character_kind(char32_t c) {
  if ((c >= '\n' && c <= '\r') || c == 0x2028 || c == 0x2029) return CharacterKind::line_end;
  if (c == '\t') return CharacterKind::shown;
  if (c < ' ' || (c >= 0x7F && c < 0xA0)) return CharacterKind::control;
  if (c < 0xAD) return CharacterKind::shown;
  if (c == 0x061C || c == 0x200E || c == 0x200F) return CharacterKind::direction;
  if (c == kSoftHyphen || c == kZeroWidthNonJoiner || c == kZeroWidthJoiner || c == kGraphemeJoiner ||
      is_variation_selector(c) || is_tag(c))
    return CharacterKind::joiner;
  if ((c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069)) return CharacterKind::reorder;
  if (U_IS_UNICODE_NONCHAR(icu(c)) || (c >= 0xFFF9 && c <= 0xFFFB)) return CharacterKind::invisible;
  // Letters and marks among the ignorable ones are the fillers of Hangul and vowels of Khmer and Mongolian.
  const bool ignorable = u_hasBinaryProperty(icu(c), UCHAR_DEFAULT_IGNORABLE_CODE_POINT) != 0;
  return ignorable && (U_GET_GC_MASK(icu(c)) & (U_GC_CF_MASK | U_GC_CN_MASK)) != 0 ? CharacterKind::invisible
                                                                                   : CharacterKind::shown;
}

void TextCleaner::append(std::string& result, std::string_view utf8) {
  const auto is_plain = [](char c) { return c >= ' ' && c < 0x7F; };
  for (std::size_t at = 0; at < utf8.size();) {
    const std::size_t start = at;
    while (at < utf8.size() && is_plain(utf8[at])) ++at;
    if (at > start) {
      result += utf8.substr(start, at - start);
      last_ = static_cast<unsigned char>(utf8[at - 1]);
      after_cr_ = false;
      continue;
    }
    const char32_t c = next_code_point(utf8, at);
    append_character(result, c, utf8.substr(start, at - start));
    after_cr_ = c == '\r';
  }
}

void TextCleaner::append_character(std::string& result, char32_t c, std::string_view octets) {
  std::string_view kept = octets;
  switch (character_kind(c)) {
    case CharacterKind::shown:
      if (c == '\t' && form_ == Form::line) kept = " ";
      break;
    case CharacterKind::line_end:
      return append_line_end(result, c);
    case CharacterKind::control:
      if (c >= 0x80)
        kept = kWindows1252[c - 0x80];
      else
        kept = form_ == Form::line ? " " : "";
      if (!kept.empty()) c = ' ';
      break;
    case CharacterKind::direction:
      if (character_kind(last_) == CharacterKind::direction) return;
      break;
    case CharacterKind::joiner:
      if (!joins(last_, c)) return;
      break;
    case CharacterKind::reorder:
    case CharacterKind::invisible:
      return;
  }
  result += kept;
  if (!kept.empty()) last_ = c;
}

void TextCleaner::append_line_end(std::string& result, char32_t c) {
  const bool is_same = after_cr_ && (c == '\n' || c == '\r');
  if (!is_same) result += form_ == Form::line ? ' ' : '\n';
  last_ = ' ';
}

std::string clean_lines(std::string_view utf8) {
  std::string result;
  result.reserve(utf8.size());
  TextCleaner(TextCleaner::Form::text).append(result, utf8);
  return result;
}

std::string one_line(std::string_view utf8) {
  std::string result;
  result.reserve(utf8.size());
  TextCleaner(TextCleaner::Form::line).append(result, utf8);
  return is_blank_text(result) ? std::string() : squeeze(result);
}

std::string one_value(std::string_view utf8) {
  std::string result;
  char32_t last = ' ';
  visit_characters(utf8, [&](char32_t c, std::string_view octets) {
    const auto kind = character_kind(c);
    const bool shapes = (c == kZeroWidthNonJoiner || c == kZeroWidthJoiner) && joins(last, c);
    const bool stays = kind == CharacterKind::shown || shapes;
    result += stays ? octets : kReplacement;
    last = c;
  });
  return squeeze(result);
}

bool is_blank_text(std::string_view utf8) {
  bool blank = true;
  for (std::size_t at = 0; blank && at < utf8.size();) {
    const char32_t c = next_code_point(utf8, at);
    blank = u_isUWhiteSpace(icu(c)) != 0 || c == kBlankBraille || character_kind(c) == CharacterKind::control ||
            u_hasBinaryProperty(icu(c), UCHAR_DEFAULT_IGNORABLE_CODE_POINT) != 0;
  }
  return blank;
}

bool is_symbol_text(std::string_view utf8) {
  bool symbols = true;
  for (std::size_t at = 0; symbols && at < utf8.size();) symbols = u_isalpha(icu(next_code_point(utf8, at))) == 0;
  return symbols;
}

}  // namespace ticketd
