#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "daemon/ctl/table.h"
#include "rules/statistics.h"

/// Statistics, for programs and for people.
namespace ticketd {

/// Times in seconds, shares from 0 to 1; null where nothing is known yet.
[[nodiscard]] boost::json::object statistics_json(const Statistics& statistics, Time since);
[[nodiscard]] std::string present_statistics(const Statistics& statistics, Time since, const Ruleset& ruleset,
                                             const TextStyle& style);

}  // namespace ticketd
