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

/// How libxml2 understands what stands behind an `&`: `read` of its octets become `html`.
struct Reference {
  std::string html;
  std::size_t read = 0;
};
Reference no_reference() { return {"&amp;", 0}; }

/// XML 1.0 §2.2: the others libxml2 leaves out, and each costs it an error.
bool is_xml_character(std::uint32_t code) {
  return code == '\t' || code == '\n' || code == '\r' || (code >= 0x20 && code < 0xD800) ||
         (code >= 0xE000 && code < 0xFFFE) || (code >= 0x10000 && code < 0x110000);
}

Reference number(std::string_view text) {
  constexpr std::uint32_t too_large = 0x110000;
  const bool is_hex = text.size() > 1 && to_lower(text[1]) == 'x';
  const std::size_t first = is_hex ? 2 : 1;
  std::size_t end = first;
  std::uint32_t code = 0;
  for (; end < text.size() && (is_hex ? hex_value(text[end]) >= 0 : is_digit(text[end])); ++end)
    code = std::min(too_large, code * (is_hex ? 16U : 10U) + static_cast<std::uint32_t>(hex_value(text[end])));
  if (end == first) return no_reference();
  const bool is_closed = end < text.size() && text[end] == ';';
  std::string html = is_xml_character(code) ? "&" + std::string(text.substr(0, end)) + ";" : "";
  return {std::move(html), end + (is_closed ? 1 : 0)};
}

Reference word(std::string_view text, ReferencesOf place) {
  std::size_t end = 0;
  while (end < text.size() && (is_letter(text[end]) || is_digit(text[end]))) ++end;
  if (end == 0 || !is_letter(text.front())) return no_reference();
  const char next = end < text.size() ? text[end] : ' ';
  if (next == ';') return {"&", 0};
  if (next == '=' || place == ReferencesOf::tag) return no_reference();
  const std::size_t length = name_length(text.substr(0, end));
  if (length == 0) return no_reference();
  return {"&" + std::string(text.substr(0, length)) + ";", length};
}

}  // namespace

void append_sound_references(std::string& html, std::string_view text, ReferencesOf place) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t ampersand = std::min(text.find('&', at), text.size());
    html += text.substr(at, ampersand - at);
    if (ampersand == text.size()) return;
    const auto rest = text.substr(ampersand + 1);
    const Reference reference = rest.starts_with('#') ? number(rest) : word(rest, place);
    html += reference.html;
    at = ampersand + 1 + reference.read;
  }
}

}  // namespace ticketd
