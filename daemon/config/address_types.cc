#include <algorithm>

#include "daemon/config/value_types.h"
#include "parsers/ascii.h"
#include "rules/language.h"

namespace ticketd {
namespace {

constexpr std::size_t kLongestAddress = 254;  // RFC 5321 §4.5.3.1.3, without the angle brackets
constexpr std::size_t kLongestLocalPart = 64;
constexpr std::size_t kLongestDomain = 253;
constexpr std::size_t kLongestLabel = 63;
constexpr std::size_t kLongestName = 100;

bool is_alphanumeric(char c) { return is_letter(c) || is_digit(c); }

// RFC 5322 §3.2.3 atext and the dot.
bool is_local_character(char c) {
  return is_alphanumeric(c) || std::string_view("!#$%&'*+-/=?^_`{|}~.").find(c) != std::string_view::npos;
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kLongestLabel && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label, [](char c) { return is_alphanumeric(c) || c == '-' || c == '_'; });
}

bool is_domain(std::string_view text) {
  if (text.size() > kLongestDomain) return false;
  while (true) {
    const std::size_t dot = text.find('.');
    if (!is_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_address(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || text.size() > kLongestAddress) return false;
  const std::string_view local = text.substr(0, at);
  return !local.empty() && local.size() <= kLongestLocalPart && local.front() != '.' && local.back() != '.' &&
         local.find("..") == std::string_view::npos && std::ranges::all_of(local, is_local_character) &&
         is_domain(text.substr(at + 1));
}

constexpr auto kAddress = "an ASCII mail address, such as \"support@example.com\"";

Parsed<std::string> if_true(bool allowed, std::string value) {
  if (allowed) return value;
  return Wrong{};
}

bool is_subject_tag(std::string_view text) {
  return !text.empty() && text.size() <= 32 && is_letter(text.front()) &&
         std::ranges::all_of(text, [](char c) { return is_alphanumeric(c) || c == '-'; });
}

bool is_line(std::string_view text) { return std::ranges::none_of(text, is_control); }

}  // namespace

ValueType<std::string> line() {
  return text_type<std::string>("text", "text on one line, in quotes",
                                [](const std::string& text) { return if_true(is_line(text), text); });
}

ValueType<std::string> name() {
  return text_type<std::string>(
      "name", "a name on one line, in quotes, of 1 to 100 octets", [](const std::string& text) {
        return if_true(
            is_line(text) && trim(text).size() == text.size() && !text.empty() && text.size() <= kLongestName, text);
      });
}

ValueType<std::string> address() {
  return text_type<std::string>("address", kAddress,
                                [](const std::string& text) { return if_true(is_address(text), text); });
}

ValueType<std::string> lower_address() {
  return text_type<std::string>("address", kAddress,
                                [](const std::string& text) { return if_true(is_address(text), to_lower(text)); });
}

ValueType<std::string> domain() {
  return text_type<std::string>("domain", "a domain without \"@\", such as \"example.com\"",
                                [](const std::string& text) { return if_true(is_domain(text), to_lower(text)); });
}

ValueType<std::string> address_or_domain() {
  return text_type<std::string>("address or domain",
                                "a mail address, or \"@\" and a domain, such as \"@sms.example.net\"",
                                [](const std::string& text) {
                                  const bool whole_domain = text.starts_with('@') && is_domain(text.substr(1));
                                  return if_true(whole_domain || is_address(text), to_lower(text));
                                });
}

ValueType<std::string> subject_tag() {
  return text_type<std::string>("tag", "1 to 32 letters, digits and hyphens that begin with a letter, such as \"SUP\"",
                                [](const std::string& text) { return if_true(is_subject_tag(text), text); });
}

ValueType<std::string> language() {
  return text_type<std::string>("language", "a language tag, such as \"en\" or \"pt-BR\"", [](const std::string& text) {
    return if_true(text.empty() || is_language_tag(text), text);
  });
}

}  // namespace ticketd
