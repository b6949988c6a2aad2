#include <algorithm>

#include "parsers/ascii.h"
#include "rules/classify.h"
#include "rules/header_values.h"

namespace ticketd {
namespace {

/// `support+12@example.com` reaches support@example.com (RFC 5233).
std::string without_detail(const AddressParts& parts) {
  return parts.local.substr(0, parts.local.find('+')) + "@" + parts.domain;
}

const Organization* by_address(std::string_view address, const Ruleset& ruleset) {
  for (const auto& organization : ruleset.organizations)
    for (const auto& configured : organization.addresses)
      if (equals_ignoring_case(configured, address)) return &organization;
  return nullptr;
}

/// Of nested domains (`example.com`, `uk.example.com`) the longest decides.
const Organization* by_domain(std::string_view domain, const Ruleset& ruleset) {
  const Organization* best = nullptr;
  std::size_t longest = 0;
  for (const auto& organization : ruleset.organizations)
    for (const auto& configured : organization.domains) {
      if (configured.size() <= longest || !is_within_domain(domain, to_lower(configured))) continue;
      best = &organization;
      longest = configured.size();
    }
  return best;
}

bool is_free_mail(std::string_view domain, const Ruleset& ruleset) {
  return std::ranges::any_of(ruleset.free_mail,
                             [domain](const auto& free) { return equals_ignoring_case(free, domain); });
}

}  // namespace

std::string organization_of(std::string_view address, const Ruleset& ruleset) {
  if (const auto* configured = by_address(address, ruleset)) return configured->name;
  const auto [local, domain] = split_address(address);
  if (domain.empty()) return local;
  if (const auto* configured = by_domain(domain, ruleset)) return configured->name;
  return is_free_mail(domain, ruleset) ? local + "@" + domain : domain;
}

bool is_support_address(std::string_view address, const Ruleset& ruleset) {
  const auto parts = split_address(address);
  const auto is_ours = [&](std::string_view own) {
    return equals_ignoring_case(own, address) || equals_ignoring_case(own, without_detail(parts));
  };
  return is_ours(ruleset.support.address) || std::ranges::any_of(ruleset.support.aliases, is_ours);
}

const StaffMember* find_staff(std::string_view address, const Ruleset& ruleset) {
  for (const auto& member : ruleset.staff)
    if (!address.empty() && equals_ignoring_case(member.email, address)) return &member;
  return nullptr;
}

}  // namespace ticketd
