#include <algorithm>

#include "parsers/ascii.h"
#include "rules/address_key.h"
#include "rules/classify.h"
#include "rules/header_values.h"
#include "rules/sender_key.h"

namespace ticketd {
namespace {

/// `support+12@example.com` reaches support@example.com (RFC 5233).
std::string without_detail(const AddressParts& parts) {
  return parts.local.substr(0, parts.local.find('+')) + "@" + parts.domain;
}

const Organization* by_address(std::string_view address, const Ruleset& ruleset) {
  for (const auto& organization : ruleset.organizations)
    for (const auto& configured : organization.addresses)
      if (is_same_address(configured, address)) return &organization;
  return nullptr;
}

/// Of nested domains (`example.com`, `uk.example.com`) the longest decides.
const Organization* by_domain(std::string_view domain, const Ruleset& ruleset) {
  const Organization* best = nullptr;
  std::size_t longest = 0;
  for (const auto& organization : ruleset.organizations)
    for (const auto& configured : organization.domains) {
      if (configured.size() <= longest || !is_within_domain(domain, configured)) continue;
      best = &organization;
      longest = configured.size();
    }
  return best;
}

bool is_free_mail(std::string_view domain, const Ruleset& ruleset) {
  return std::ranges::any_of(ruleset.free_mail, [domain](const auto& free) { return is_within_domain(domain, free); });
}

}  // namespace

/// One person at a free-mail provider is one organization, however the address is spelled.
std::string organization_of(std::string_view address, const Ruleset& ruleset) {
  if (const auto* configured = by_address(address, ruleset)) return configured->name;
  const auto [local, domain] = split_address(address);
  if (domain.empty()) return local;
  if (const auto* configured = by_domain(domain, ruleset)) return configured->name;
  const auto key = sender_key(address);
  return is_free_mail(domain, ruleset) || is_free_mail(split_address(key).domain, ruleset) ? key : domain;
}

std::string organization_evidence(std::string_view address, const Ruleset& ruleset) {
  if (by_address(address, ruleset) != nullptr) return "its address is configured there";
  const auto domain = split_address(address).domain;
  if (by_domain(domain, ruleset) != nullptr) return "its domain is configured there";
  return organization_of(address, ruleset) == domain ? "no organization is configured for its domain"
                                                     : "each address at a free-mail provider stands for itself";
}

std::string owner_of(std::string_view recorded, std::string_view requester, const Ruleset& ruleset) {
  const bool is_ruled =
      std::ranges::find(ruleset.mail_rules, recorded, &MailRule::organization) != ruleset.mail_rules.end();
  return requester.empty() || is_ruled ? std::string(recorded) : organization_of(requester, ruleset);
}

bool is_unknown_domain(std::string_view address, const Ruleset& ruleset) {
  const auto domain = split_address(address).domain;
  return !domain.empty() && by_address(address, ruleset) == nullptr && by_domain(domain, ruleset) == nullptr &&
         !is_free_mail(domain, ruleset);
}

bool is_support_address(std::string_view address, const Ruleset& ruleset) {
  const auto plain = without_detail(split_address(address));
  const auto is_ours = [&](std::string_view own) {
    return is_same_address(own, address) || is_same_address(own, plain);
  };
  return is_ours(ruleset.support.address) || std::ranges::any_of(ruleset.support.aliases, is_ours);
}

const StaffMember* find_staff(std::string_view address, const Ruleset& ruleset) {
  for (const auto& member : ruleset.staff)
    if (!address.empty() && is_same_address(member.email, address)) return &member;
  return nullptr;
}

}  // namespace ticketd
