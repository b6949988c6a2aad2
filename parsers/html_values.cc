#include "parsers/html_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "parsers/ascii.h"
#include "parsers/charset.h"
#include "parsers/clean_text.h"

namespace ticketd {
namespace {

constexpr std::size_t kLongestLink = 2000;
constexpr std::size_t kLongestImageText = 300;

/// A URL without white space (URL Standard §4.4: tabs and line ends are none of it).
std::string written_url(std::string_view url) {
  std::string result;
  for (const char c : url) {
    if (c == ' ')
      result += "%20";
    else if (!is_space(c))
      result += c;
  }
  return one_value(result);
}

std::string without_escapes(std::string_view escaped) {
  std::string octets;
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    const int octet = escaped[i] == '%' ? hex_octet(escaped, i + 1) : -1;
    octets += octet < 0 ? escaped[i] : static_cast<char>(octet);
    if (octet >= 0) i += 2;
  }
  return one_value(decode_charset(octets, {}));
}

bool ends_with_ignoring_case(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && equals_ignoring_case(text.substr(text.size() - end.size()), end);
}

/// Without what people leave out.
std::string_view plain_url(std::string_view url) {
  for (const std::string_view start : {"https://", "http://", "www."})
    if (starts_with_ignoring_case(url, start)) url.remove_prefix(start.size());
  if (url.ends_with('/')) url.remove_suffix(1);
  return url;
}

std::string digits_of(std::string_view text) {
  std::string digits;
  std::ranges::copy_if(text, std::back_inserter(digits), is_digit);
  return digits;
}

/// Numbers are the same with and without the country's code, `+49 30 …` and `030 …`.
bool shows_number(std::string_view shown, std::string_view target) {
  constexpr std::size_t least = 5;
  const std::string number = digits_of(target), all = digits_of(shown);
  const std::string_view digits = std::string_view(all).substr(std::min(all.find_first_not_of('0'), all.size()));
  if (number.empty() || digits.empty()) return false;
  const bool same = number.ends_with(digits) || digits.ends_with(number);
  return same && (digits.size() >= least || all == number);
}

bool is_number(std::string_view target) {
  return std::ranges::all_of(target, [](char c) { return is_digit(c) || std::string_view("+-.() ").find(c) < 6; });
}

/// Only that it is an image, or the sender's: `image 1`, `Error icon`.
bool is_generic(std::string_view alt) {
  constexpr std::array<std::string_view, 19> words{
      "image",   "inlineimage", "embeddedimage", "attachedimage", "img",    "picture", "photo",
      "graphic", "spacer",      "pixel",         "bild",          "grafik", "foto",    "imagen",
      "imagem",  "immagine",    "afbeelding",    "изображение",   "图片"};
  std::string word = to_lower(alt);
  std::erase_if(word, [](char c) { return is_digit(c) || is_space(c) || c == '-' || c == '_'; });
  if (word.ends_with("icon") || word.ends_with("logo")) return true;
  return word.empty() || std::ranges::find(words, word) != words.end();
}

bool is_file_name(std::string_view alt) {
  constexpr std::array<std::string_view, 9> extensions{".png", ".jpg",  ".jpeg", ".gif", ".bmp",
                                                       ".svg", ".webp", ".tiff", ".heic"};
  const auto ends = [&](std::string_view extension) { return ends_with_ignoring_case(alt, extension); };
  const auto holds_content_id = [&] { return alt.find('@') < alt.size() && alt.find(' ') == std::string_view::npos; };
  return std::ranges::any_of(extensions, ends) || holds_content_id() || starts_with_ignoring_case(alt, "cid:");
}

/// Office describes images by itself, in the language of the sender.
bool is_generated(std::string_view alt) {
  const std::string low = to_lower(alt);
  return low.find("automatically generated") != std::string::npos ||
         low.find("automatisch generiert") != std::string::npos ||
         low.find("ai-generated content") != std::string::npos;
}

}  // namespace

std::string link_target(std::string_view href) {
  href = trim(href);
  if (href.size() > kLongestLink) return {};
  for (const std::string_view scheme : {"http://", "https://"})
    if (starts_with_ignoring_case(href, scheme)) return written_url(href);
  for (const std::string_view scheme : {"mailto:", "tel:", "sms:", "callto:"})
    if (starts_with_ignoring_case(href, scheme)) {
      const auto rest = href.substr(scheme.size());
      return without_escapes(rest.substr(0, rest.find_first_of("?;")));
    }
  return {};
}

bool shows_target(std::string_view shown, std::string_view target) {
  if (target.empty() || to_lower(shown).find(to_lower(target)) != std::string::npos) return true;
  if (is_number(target)) return shows_number(shown, target);
  return equals_ignoring_case(plain_url(shown), plain_url(target));
}

std::string image_text(std::string_view alt, std::string_view source) {
  constexpr std::size_t largest_dot = 256;
  const bool here = starts_with_ignoring_case(source, "data:") && source.size() > largest_dot;
  const std::string unsaid = here ? "[image]" : "";
  const std::string line = one_line(utf8_prefix(alt, kLongestImageText));
  if (line.empty() || is_file_name(line) || is_generic(line) || is_generated(line)) return unsaid;
  if (line.find("://") != std::string::npos) return unsaid;
  const bool ascii = std::ranges::none_of(line, is_8bit);
  const auto is_word = [](char c) { return is_letter(c) || is_digit(c); };
  const bool words = std::ranges::any_of(line, is_word);
  if (ascii && !words) return unsaid;
  const bool bare = is_symbol_text(line) || (line.starts_with('[') && line.ends_with(']'));
  return bare ? line : "[" + line + "]";
}

std::string ordinal_mark(std::int64_t number, std::string_view type) {
  constexpr std::int64_t letters = 26;
  if ((type == "a" || type == "A") && number >= 1 && number <= letters)
    return fmt::format("{}. ", static_cast<char>(type.front() + number - 1));
  return fmt::format("{}. ", number);
}

}  // namespace ticketd
