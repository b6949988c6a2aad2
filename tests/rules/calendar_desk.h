#pragma once

#include <date/date.h>

#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "rules/ruleset.h"

namespace ticketd {

/// "2026-11-24 09:30" or with seconds, in UTC.
inline Time utc(const std::string& text) {
  std::istringstream in(text);
  Time at;
  in >> date::parse(text.size() > 16 ? "%F %T" : "%F %H:%M", at);
  if (!in) throw std::invalid_argument("no time: " + text);
  return at;
}

inline std::string written(Time at) {
  return date::format("%F %T", date::floor<std::chrono::seconds>(at)).substr(0, 16);
}

inline std::chrono::year_month_day day(const std::string& text) {
  return std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(utc(text + " 00:00"))};
}

inline Ruleset desk(const std::string& zone, const std::vector<std::string>& weekly,
                    const std::vector<std::string>& holidays = {}) {
  Ruleset rules;
  rules.support.time_zone = zone;
  for (const auto& text : weekly) {
    const auto windows = std::get<0>(parse_weekly_windows(text));
    rules.office_hours.weekly.insert(rules.office_hours.weekly.end(), windows.begin(), windows.end());
  }
  for (const auto& text : holidays) rules.office_hours.holidays.push_back(day(text));
  return rules;
}

}  // namespace ticketd
