#include "rules/language.h"

#include <algorithm>

#include "parsers/ascii.h"

namespace ticketd {
namespace {

bool is_subtag(std::string_view text) {
  constexpr std::size_t kLongest = 8;
  return !text.empty() && text.size() <= kLongest &&
         std::ranges::all_of(text, [](char c) { return is_letter(c) || is_digit(c); });
}

std::string canonical_subtag(std::string_view subtag, bool is_first, bool follows_singleton) {
  auto text = to_lower(subtag);
  if (is_first || follows_singleton) return text;
  const std::size_t capitals = text.size() == 2 ? 2 : text.size() == 4 ? 1 : 0;
  for (std::size_t i = 0; i < capitals; ++i) text[i] = to_upper(text[i]);
  return text;
}

}  // namespace

bool is_language_tag(std::string_view text) {
  constexpr std::size_t kLongest = 35;  // RFC 5646 §4.4.1
  const auto first = text.substr(0, text.find('-'));
  if (text.size() > kLongest || first.size() < 2 || first.size() > 3 || !std::ranges::all_of(first, is_letter))
    return false;
  while (text.size() > first.size()) {
    const auto hyphen = text.rfind('-');
    if (!is_subtag(text.substr(hyphen + 1))) return false;
    text = text.substr(0, hyphen);
  }
  return true;
}

std::string canonical_language(std::string_view tag) {
  std::string result;
  std::string_view before;
  while (!tag.empty()) {
    const auto subtag = tag.substr(0, tag.find('-'));
    if (!result.empty()) result += '-';
    result += canonical_subtag(subtag, before.empty(), before.size() == 1);
    before = subtag;
    tag.remove_prefix(std::min(subtag.size() + 1, tag.size()));
  }
  return result;
}

std::vector<std::string> language_range(std::string_view tag) {
  std::vector<std::string> range;
  auto rest = canonical_language(tag);
  while (!rest.empty()) {
    range.push_back(rest);
    const auto hyphen = rest.rfind('-');
    rest.resize(hyphen == std::string::npos ? 0 : hyphen);
  }
  return range;
}

}  // namespace ticketd
