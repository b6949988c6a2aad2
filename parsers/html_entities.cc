#include "parsers/html_entities.h"

#include <algorithm>
#include <array>

#include "parsers/ascii.h"

namespace ticketd {
namespace {

constexpr auto kNames = std::to_array<std::string_view>(
    {"AElig",  "Aacute", "Acirc",  "Agrave", "Aring",  "Atilde", "Auml",   "Ccedil", "ETH",    "Eacute",
     "Ecirc",  "Egrave", "Euml",   "Iacute", "Icirc",  "Igrave", "Iuml",   "Ntilde", "Oacute", "Ocirc",
     "Ograve", "Oslash", "Otilde", "Ouml",   "THORN",  "Uacute", "Ucirc",  "Ugrave", "Uuml",   "Yacute",
     "aacute", "acirc",  "acute",  "aelig",  "agrave", "amp",    "aring",  "atilde", "auml",   "brvbar",
     "ccedil", "cedil",  "cent",   "copy",   "curren", "deg",    "divide", "eacute", "ecirc",  "egrave",
     "eth",    "euml",   "frac12", "frac14", "frac34", "gt",     "iacute", "icirc",  "iexcl",  "igrave",
     "iquest", "iuml",   "laquo",  "lt",     "macr",   "micro",  "middot", "nbsp",   "not",    "ntilde",
     "oacute", "ocirc",  "ograve", "ordf",   "ordm",   "oslash", "otilde", "ouml",   "para",   "plusmn",
     "pound",  "quot",   "raquo",  "reg",    "sect",   "shy",    "sup1",   "sup2",   "sup3",   "szlig",
     "thorn",  "times",  "uacute", "ucirc",  "ugrave", "uml",    "uuml",   "yacute", "yen",    "yuml"});
static_assert(std::ranges::is_sorted(kNames));

/// How many of the word's octets name a character; 0 when none do.
std::size_t name_length(std::string_view word) {
  constexpr std::size_t longest = 6, shortest = 2;
  for (std::size_t length = std::min(word.size(), longest); length >= shortest; --length)
    if (std::ranges::binary_search(kNames, word.substr(0, length))) return length;
  return 0;
}

}  // namespace

void append_closing_references(std::string& html, std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t name = std::min(text.find('&', at), text.size() - 1) + 1;
    html += text.substr(at, name - at);
    at = name;
    std::size_t end = name;
    while (end < text.size() && (is_letter(text[end]) || is_digit(text[end]))) ++end;
    if (end == name || (end < text.size() && (text[end] == ';' || text[end] == '='))) continue;
    const std::size_t length = name_length(text.substr(name, end - name));
    if (length == 0) continue;
    html += text.substr(name, length);
    html += ';';
    at = name + length;
  }
}

}  // namespace ticketd
