#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rules/ruleset.h"

namespace ticketd {

/// Which organization somebody means: by its name, in any case where there is no other; by a domain or an address of
/// it. `names`: all that there are. nullopt: none of them.
[[nodiscard]] std::optional<std::string> organization_meant(const std::string& words,
                                                            const std::vector<std::string>& names,
                                                            const Ruleset& ruleset);

}  // namespace ticketd
