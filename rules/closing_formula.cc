#include "rules/closing_formula.h"

#include <algorithm>
#include <string>
#include <vector>

#include "parsers/ascii.h"
#include "rules/folded_words.h"

namespace ticketd {
namespace {

/// What may stand below a name: so many lines, and characters in each.
constexpr std::size_t kMostBelow = 6;
constexpr std::size_t kLongestBelow = 60;

constexpr std::u32string_view kFormulas[] = {U"best",
                                             U"best regards",
                                             U"kind regards",
                                             U"kindest regards",
                                             U"warm regards",
                                             U"with kind regards",
                                             U"regards",
                                             U"best wishes",
                                             U"all the best",
                                             U"sincerely",
                                             U"yours sincerely",
                                             U"cheers",
                                             U"thanks",
                                             U"thank you",
                                             U"many thanks",
                                             U"thanks and regards",
                                             U"br",
                                             U"kr",
                                             U"mfg",
                                             U"lg",
                                             U"vg",
                                             U"mit freundlichen grussen",
                                             U"freundliche grusse",
                                             U"viele grusse",
                                             U"beste grusse",
                                             U"liebe grusse",
                                             U"schone grusse",
                                             U"gruss",
                                             U"grusse",
                                             U"danke",
                                             U"vielen dank",
                                             U"cordialement",
                                             U"bien cordialement",
                                             U"merci",
                                             U"saludos",
                                             U"un saludo",
                                             U"gracias",
                                             U"cordiali saluti",
                                             U"saluti",
                                             U"grazie",
                                             U"met vriendelijke groet",
                                             U"groeten",
                                             U"bedankt",
                                             U"atenciosamente",
                                             U"med vanliga halsningar",
                                             U"mvh",
                                             U"pozdrawiam",
                                             U"sent from my iphone",
                                             U"sent from my ipad"};

bool is_formula(std::u32string_view line) { return std::ranges::find(kFormulas, line) != std::end(kFormulas); }

/// The whole name, or its first word.
bool is_name(std::u32string_view line, std::u32string_view name) {
  return !name.empty() && (line == name || line == name.substr(0, name.find(U' ')));
}

/// "Best regards, Ann"
bool is_formula_with_name(std::u32string_view line, std::u32string_view name) {
  for (auto at = line.find(U' '); at != line.npos; at = line.find(U' ', at + 1))
    if (is_formula(line.substr(0, at)) && is_name(line.substr(at + 1), name)) return true;
  return false;
}

/// Lines with words.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    if (const auto line = text.substr(0, end); !fold_words(line).words.empty()) lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// A company, a job or how to reach somebody: no sentence.
bool is_contact(std::string_view line) {
  constexpr std::ptrdiff_t kMostWords = 3, kDigitsOfPhone = 5;
  const auto words = fold_words(line).words;
  if (words.size() > kLongestBelow) return false;
  const bool is_address =
      line.find('@') != line.npos || line.find("://") != line.npos || line.find("www.") != line.npos;
  const auto digits = std::ranges::count_if(line, [](char c) { return c >= '0' && c <= '9'; });
  return is_address || digits >= kDigitsOfPhone || std::ranges::count(words, U' ') < kMostWords;
}

}  // namespace

bool is_closing(std::string_view text, std::string_view writer) {
  constexpr std::size_t kLongest = 600;
  if (text.size() > kLongest) return false;
  const auto name = fold_words(writer).words;
  const auto lines = lines_of(text);
  std::size_t at = 0;
  bool is_named = false;
  for (; at < lines.size() && !is_named; ++at) {
    const auto words = fold_words(lines[at]).words;
    is_named = is_name(words, name) || is_formula_with_name(words, name);
    if (!is_named && !is_formula(words)) return false;
  }
  const auto below = lines.size() - at;
  return below <= kMostBelow && std::all_of(lines.begin() + static_cast<std::ptrdiff_t>(at), lines.end(), is_contact);
}

}  // namespace ticketd
