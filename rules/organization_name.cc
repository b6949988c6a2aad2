#include "rules/organization_name.h"

#include <algorithm>

#include "parsers/ascii.h"
#include "rules/classify.h"

namespace ticketd {

std::optional<std::string> organization_meant(const std::string& words, const std::vector<std::string>& names,
                                              const Ruleset& ruleset) {
  const auto has = [&](const std::string& name) { return std::ranges::find(names, name) != names.end(); };
  if (has(words)) return words;
  const auto same = [&](const std::string& name) { return equals_ignoring_case(name, words); };
  if (std::ranges::count_if(names, same) == 1) return *std::ranges::find_if(names, same);
  const auto by_address = organization_of(words.find('@') == words.npos ? "x@" + words : words, ruleset);
  return has(by_address) ? std::optional(by_address) : std::nullopt;
}

}  // namespace ticketd
