#include <algorithm>

#include "parsers/ascii.h"
#include "rules/compose.h"
#include "rules/mail_encoder.h"

namespace ticketd {
namespace {

// RFC 5321 §4.5.3.1 and RFC 3696, erratum 1690.
constexpr std::size_t kLongestAddress = 254;
constexpr std::size_t kLongestLocalPart = 64;
constexpr std::size_t kLongestLabel = 63;

bool is_in(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

// Dots may stand anywhere: some providers gave out addresses like a..b.@example.com, and servers take them.
bool is_unquoted_character(char c) {
  return is_letter(c) || is_digit(c) || is_8bit(c) || is_in(c, "!#$%&'*+-/=?^_`{|}~.");
}

// Nothing within that a careless reader could take for the end of the quotes.
bool is_quoted_character(char c) { return is_8bit(c) || (c > ' ' && c < 0x7F && !is_in(c, "\"\\<>@")); }

bool is_local_part(std::string_view text) {
  if (text.empty() || text.size() > kLongestLocalPart) return false;
  if (text.size() > 2 && text.front() == '"' && text.back() == '"')
    return std::ranges::all_of(text.substr(1, text.size() - 2), is_quoted_character);
  return std::ranges::all_of(text, is_unquoted_character);
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kLongestLabel && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label, [](char c) { return is_letter(c) || is_digit(c) || is_8bit(c) || is_in(c, "-_"); });
}

bool is_domain(std::string_view domain) {
  while (true) {
    const std::size_t dot = domain.find('.');
    if (!is_label(domain.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    domain.remove_prefix(dot + 1);
  }
}

/// RFC 6761 §6.4: nobody is ever there. What stands for an erased person has such a domain.
bool is_reserved(std::string_view domain) {
  return equals_ignoring_case(domain.substr(domain.rfind('.') + 1), "invalid");
}

}  // namespace

bool is_envelope_address(std::string_view addr_spec) {
  if (addr_spec.size() > kLongestAddress || header_line(addr_spec) != addr_spec) return false;
  if (addr_spec.find("=?") != std::string_view::npos) return false;  // a careless reader would decode it (RFC 2047)
  const std::size_t at = addr_spec.rfind('@');
  if (at == std::string_view::npos) return false;
  const auto domain = addr_spec.substr(at + 1);
  return is_local_part(addr_spec.substr(0, at)) && is_domain(domain) && !is_reserved(domain);
}

}  // namespace ticketd
