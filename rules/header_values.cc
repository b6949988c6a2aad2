#include "rules/header_values.h"

#include <algorithm>

#include "parsers/ascii.h"
#include "parsers/printable.h"
#include "rules/address_key.h"
#include "rules/word_list.h"

namespace ticketd {
namespace {

constexpr std::size_t kShownOctets = 80;

constexpr bool is_token_character(char c) {
  return c > ' ' && c < 0x7F && std::string_view(";,()\"=").find(c) == std::string_view::npos;
}

std::string shown(std::string_view value) {
  const auto text = squeeze(printable_line(value.substr(0, kShownOctets)));
  return value.size() > kShownOctets ? text + "…" : text;
}

}  // namespace

std::string first_token(std::string_view value) {
  const auto begin = std::ranges::find_if(value, is_token_character);
  const auto end = std::find_if_not(begin, value.end(), is_token_character);
  return to_lower(std::string_view(begin, end));
}

std::vector<std::string> list_tokens(std::string_view value) {
  std::vector<std::string> tokens;
  while (true) {
    const auto begin = std::ranges::find_if(value, is_token_character);
    if (begin == value.end()) return tokens;
    const auto end = std::find_if_not(begin, value.end(), is_token_character);
    tokens.push_back(to_lower(std::string_view(begin, end)));
    value = std::string_view(end, value.end());
  }
}

std::optional<std::string> find_field(const Email& email, std::string_view name,
                                      const std::function<bool(std::string_view)>& test) {
  for (const auto& field : email.header)
    if (equals_ignoring_case(field.name, name) && test(field.value)) return field.name + ": " + shown(field.value);
  return std::nullopt;
}

bool has_part(const Email& email, std::string_view media_type) {
  return email.media_type == media_type ||
         std::ranges::any_of(email.attachments, [&](const auto& part) { return part.media_type == media_type; });
}

bool is_set(std::string_view value) { return !is_one_of(first_token(value), {"", "no", "false", "0"}); }

bool is_null_path(std::string_view value) {
  std::string path(value);
  std::erase_if(path, is_space);
  return path == "<>";
}

AddressParts split_address(std::string_view address) {
  const auto at = address.rfind('@');
  if (at == std::string_view::npos) return {local_part_key(address), ""};
  return {local_part_key(address.substr(0, at)), domain_key(address.substr(at + 1))};
}

bool is_within_domain(std::string_view domain, std::string_view parent) {
  if (parent.empty() || !domain.ends_with(parent)) return false;
  return domain.size() == parent.size() || domain[domain.size() - parent.size() - 1] == '.';
}

}  // namespace ticketd
