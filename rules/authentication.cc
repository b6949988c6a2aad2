#include "rules/authentication.h"

#include <fmt/format.h>
#include <libpsl.h>

#include <algorithm>
#include <optional>

#include "parsers/addresses.h"
#include "parsers/ascii.h"
#include "parsers/authentication_results.h"
#include "parsers/printable.h"
#include "rules/address_key.h"
#include "rules/header_values.h"

namespace ticketd {
namespace {

using Verdict = SenderAuthentication::Verdict;

std::optional<AuthenticationResults> trusted_results(const Email& email, const Ruleset& ruleset) {
  for (const auto& field : email.header) {
    if (!equals_ignoring_case(field.name, "Authentication-Results")) continue;
    auto results = parse_authentication_results(field.value);
    if (results && equals_ignoring_case(results->authserv_id, trim(ruleset.authserv_id))) return results;
  }
  return std::nullopt;
}

/// The domain of an address or of itself; the identifier of a signature may be "@example.com".
std::string domain_in(std::string_view value) {
  value = trim(value);
  if (value.starts_with('<') && value.ends_with('>')) value = value.substr(1, value.size() - 2);
  return domain_key(value.substr(value.rfind('@') + 1));
}

/// RFC 7489 §3.2: the label below the longest public suffix, and that suffix. Empty for a public suffix itself, and
/// where no list can be read.
std::string_view organizational_domain(const std::string& domain) {
  // An IP address has no parts of a name.
  if (domain.empty() || domain.ends_with(']') || is_digit(domain.back())) return {};
  const psl_ctx_t* suffixes = psl_builtin();
  const char* found = suffixes != nullptr ? psl_registrable_domain(suffixes, domain.c_str()) : nullptr;
  return found == nullptr ? std::string_view() : std::string_view(found);
}

bool are_in_line(const std::string& a, const std::string& b) {
  if (a.find('.') == a.npos) return false;
  if (a == b) return true;
  const auto organization = organizational_domain(a);
  return !organization.empty() && organization == organizational_domain(b);
}

bool names_domain(const MethodResult& method, std::string_view property, const std::string& from) {
  const auto* value = method.property(property);
  return value != nullptr && are_in_line(domain_in(*value), from);
}

bool vouches(const MethodResult& method, const std::string& from) {
  if (method.result != "pass") return false;
  if (method.method == "dkim") return names_domain(method, "header.d", from) || names_domain(method, "header.i", from);
  if (method.method == "spf") return names_domain(method, "smtp.mailfrom", from);
  return false;
}

/// What dmarc says of the domain of From; nullptr when it says nothing certain.
const MethodResult* dmarc_of(const AuthenticationResults& results, const std::string& from) {
  const auto of_from = [&](const MethodResult& method) {
    const auto* domain = method.property("header.from");
    return method.method == "dmarc" && (domain == nullptr || are_in_line(domain_in(*domain), from));
  };
  for (const auto* result : {"fail", "pass"})
    for (const auto& method : results.methods)
      if (of_from(method) && method.result == result) return &method;
  return nullptr;
}

std::string list_of(const AuthenticationResults& results) {
  std::string list;
  for (const auto& method : results.methods) {
    if (list.size() > 200) return list + ", …";
    list += fmt::format("{}{}={}", list.empty() ? "" : ", ", method.method, method.result);
  }
  return list.empty() ? "nothing" : printable_line(list);
}

/// Several fields, or several addresses in one: what is checked may be another than the one that is answered.
bool has_one_from(const Email& email) {
  const auto is_from = [](const HeaderField& field) { return equals_ignoring_case(field.name, "From"); };
  if (!email.from || std::ranges::count_if(email.header, is_from) > 1) return false;
  const auto* field = email.field("From");
  return field == nullptr || parse_addresses(*field, 2).size() == 1;
}

}  // namespace

SenderAuthentication authenticate_sender(const Email& email, const Ruleset& ruleset) {
  if (trim(ruleset.authserv_id).empty()) return {};
  if (!has_one_from(email)) return {Verdict::failed, "The mail does not name one sender."};
  const auto results = trusted_results(email, ruleset);
  if (!results) return {Verdict::failed, fmt::format("{} says nothing about this mail.", ruleset.authserv_id)};
  const auto from = split_address(email.from->addr_spec).domain;
  const auto* dmarc = dmarc_of(*results, from);
  const bool passes = dmarc != nullptr ? dmarc->result == "pass"
                                       : std::ranges::any_of(results->methods,
                                                             [&](const auto& method) { return vouches(method, from); });
  return {passes ? Verdict::passed : Verdict::failed,
          fmt::format("{} says {}, which {} that the mail comes from {}.", ruleset.authserv_id, list_of(*results),
                      passes ? "shows" : "does not show", printable_line(from.empty() ? "its sender" : from))};
}

}  // namespace ticketd
