#include "rules/authentication.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <vector>

#include "parsers/addresses.h"
#include "parsers/ascii.h"
#include "parsers/authentication_results.h"
#include "parsers/printable.h"
#include "rules/address_key.h"
#include "rules/header_values.h"

namespace ticketd {
namespace {

using Verdict = SenderAuthentication::Verdict;

/// The words of a field outside its comments (RFC 5322 §3.2.2); none when a comment does not end.
std::vector<std::string_view> words_of(std::string_view value) {
  std::vector<std::string_view> words;
  std::size_t begin = 0;
  int depth = 0;
  for (std::size_t at = 0; at <= value.size(); ++at) {
    const char c = at < value.size() ? value[at] : ' ';
    if (is_space(c) || c == '(' || c == ')') {
      if (depth == 0 && at > begin) words.push_back(value.substr(begin, at - begin));
      begin = at + 1;
    }
    if (c == '(') ++depth;
    if (c == ')' && depth > 0) --depth;
  }
  if (depth > 0) words.clear();
  return words;
}

/// RFC 5321 §4.4, RFC 3848: the mail server passed the mail on to the one that keeps the mailboxes. The name that a
/// host outside gives itself may hold any words: so all that stand behind a "with" have to say so.
bool is_final_delivery(std::string_view received) {
  bool is_final = false;
  const auto words = words_of(received);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!equals_ignoring_case(words[i], "with")) continue;
    is_final = i + 1 < words.size() && to_lower(words[i + 1]).starts_with("lmtp");
    if (!is_final) return false;
  }
  return is_final;
}

/// How many fields stand above the one that the server wrote when it took the mail from outside. All of them are its
/// own; whoever sent the mail wrote what is below. 0 when there is no such field.
std::size_t own_fields(const Email& email) {
  const auto found = std::ranges::find_if(email.header, [](const HeaderField& field) {
    return equals_ignoring_case(field.name, "Received") && !is_final_delivery(field.value);
  });
  return found == email.header.end() ? 0 : static_cast<std::size_t>(found - email.header.begin());
}

bool says(const AuthenticationResults& results, std::string_view method, std::string_view result) {
  return std::ranges::any_of(results.methods,
                             [&](const MethodResult& each) { return each.method == method && each.result == result; });
}

/// Two fields of one server, as each of its filters may write one: no pass stands against a fail of the other.
void merge(AuthenticationResults& results, AuthenticationResults other) {
  const auto fails = [](const AuthenticationResults& whose) {
    return [&whose](const MethodResult& each) { return each.result == "pass" && says(whose, each.method, "fail"); };
  };
  const auto before = results;
  std::erase_if(results.methods, fails(other));
  std::erase_if(other.methods, fails(before));
  std::ranges::move(other.methods, std::back_inserter(results.methods));
}

/// Where the server writes its fields below the one about the taking of the mail, nothing shows where they end: only
/// the topmost counts.
std::optional<AuthenticationResults> trusted_results(const Email& email, const Ruleset& ruleset) {
  constexpr std::size_t kMostMethods = 100;
  const auto own = own_fields(email);
  std::optional<AuthenticationResults> found;
  for (std::size_t i = 0; i < email.header.size() && (!found || i < own); ++i) {
    const auto& field = email.header[i];
    if (!equals_ignoring_case(field.name, "Authentication-Results")) continue;
    auto results = parse_authentication_results(field.value);
    if (!results || !equals_ignoring_case(results->authserv_id, trim(ruleset.authserv_id))) continue;
    if (!found)
      found = std::move(results);
    else if (found->methods.size() < kMostMethods)
      merge(*found, std::move(*results));
  }
  return found;
}

/// The domain of an address or of itself; the identifier of a signature may be "@example.com".
std::string domain_in(std::string_view value) {
  value = trim(value);
  if (value.starts_with('<') && value.ends_with('>')) value = value.substr(1, value.size() - 2);
  return domain_key(value.substr(value.rfind('@') + 1));
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
