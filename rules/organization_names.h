#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/ruleset.h"

namespace ticketd {

/// Under which name an organization goes on whose strikes or standing are on record as `recorded`, by the configuration
/// of today: the same while that still names it; else that of the configured organization which has the recorded
/// domain or address, or `requester`, who reported one of its tickets (empty: none is known).
[[nodiscard]] std::string successor_of(std::string_view recorded, std::string_view requester, const Ruleset& ruleset);

/// Which organization somebody means: by its name, in any case where there is no other; by a domain or an address of
/// it. `names`: all that are on record or configured. nullopt: none of them. A recorded name stands for its successor.
[[nodiscard]] std::optional<std::string> organization_meant(const std::string& words,
                                                            const std::vector<std::string>& names,
                                                            const Ruleset& ruleset);

}  // namespace ticketd
