#include "parsers/printable.h"

#include <algorithm>

#include "parsers/ascii.h"
#include "parsers/clean_text.h"
#include "parsers/code_points.h"

namespace ticketd {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool is_plain(char c) { return c >= ' ' && c < 0x7F; }

bool is_harmless(char32_t c) {
  if (c == kNoCodePoint) return false;
  const auto kind = character_kind(c);
  return kind == CharacterKind::shown || kind == CharacterKind::direction || kind == CharacterKind::joiner;
}

std::string printable(std::string_view foreign, bool keep_line_feeds) {
  std::string result;
  result.reserve(foreign.size());
  for (std::size_t at = 0; at < foreign.size();) {
    const std::size_t start = at;
    while (at < foreign.size() && is_plain(foreign[at])) ++at;
    if (at > start) {
      result += foreign.substr(start, at - start);
      continue;
    }
    const char32_t c = next_code_point(foreign, at);
    if (c == '\t')
      result += ' ';
    else if (is_harmless(c) || (c == '\n' && keep_line_feeds))
      result += foreign.substr(start, at - start);
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
