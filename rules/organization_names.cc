#include "rules/organization_names.h"

#include <algorithm>

#include "parsers/ascii.h"
#include "rules/classify.h"

namespace ticketd {
namespace {

bool is_configured(std::string_view name, const Ruleset& ruleset) {
  return std::ranges::find(ruleset.organizations, name, &Organization::name) != ruleset.organizations.end();
}

bool is_ruled(std::string_view name, const Ruleset& ruleset) {
  return std::ranges::find(ruleset.mail_rules, name, &MailRule::organization) != ruleset.mail_rules.end();
}

}  // namespace

std::string successor_of(std::string_view recorded, std::string_view requester, const Ruleset& ruleset) {
  std::string name(recorded);
  if (is_configured(name, ruleset) || is_ruled(name, ruleset)) return name;
  for (const auto& address : {name, "x@" + name, std::string(requester)})
    if (auto owner = organization_of(address, ruleset); is_configured(owner, ruleset)) return owner;
  return name;
}

std::optional<std::string> organization_meant(const std::string& words, const std::vector<std::string>& names,
                                              const Ruleset& ruleset) {
  const auto has = [&](const std::string& name) { return std::ranges::find(names, name) != names.end(); };
  if (has(words)) return successor_of(words, {}, ruleset);
  const auto same = [&](const std::string& name) { return equals_ignoring_case(name, words); };
  if (std::ranges::count_if(names, same) == 1) return *std::ranges::find_if(names, same);
  const auto by_address = organization_of(words.find('@') == words.npos ? "x@" + words : words, ruleset);
  return has(by_address) ? std::optional(by_address) : std::nullopt;
}

}  // namespace ticketd
