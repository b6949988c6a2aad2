#include "rules/sender_key.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>

#include "parsers/ascii.h"
#include "rules/address_key.h"
#include "rules/header_values.h"

namespace ticketd {
namespace {

/// NFKC without what nobody sees: letters of full width, ligatures and joiners make no other sender.
std::string compatible(const std::string& text) {
  if (std::ranges::none_of(text, is_8bit)) return text;
  UErrorCode status = U_ZERO_ERROR;
  const auto* nfkc = icu::Normalizer2::getNFKCInstance(status);
  if (U_FAILURE(status) != 0) return text;
  const auto source = icu::UnicodeString::fromUTF8(text);
  icu::UnicodeString visible;
  for (std::int32_t i = 0; i < source.length(); i = source.moveIndex32(i, 1))
    if (const auto c = source.char32At(i); !u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT))
      visible.append(c);
  std::string result;
  nfkc->normalize(visible, status).toUTF8String(result);
  return U_FAILURE(status) != 0 ? text : result;
}

}  // namespace

std::string sender_key(std::string_view address) {
  auto [local, domain] = split_address(address);
  local = local_part_key(compatible(local));
  // The detail of a quoted local part ends with its quotes.
  const bool quoted = local.starts_with('"');
  if (const auto plus = local.find('+'); plus != local.npos && plus > (quoted ? 1U : 0U))
    local = local_part_key(local.substr(0, plus) + (quoted ? "\"" : ""));
  if (domain == "googlemail.com") domain = "gmail.com";
  if (domain == "gmail.com") std::erase(local, '.');
  return domain.empty() ? local : local + '@' + domain;
}

std::string sender_domain_key(std::string_view address) {
  const std::string domain = split_address(address).domain;
  if (domain.empty()) return {};
  const auto whole = organizational_domain(domain);
  return '@' + (whole.empty() ? domain : std::string(whole));
}

}  // namespace ticketd
