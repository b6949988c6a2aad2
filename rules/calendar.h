#pragma once

#include <optional>
#include <vector>

#include "parsers/time.h"
#include "rules/ruleset.h"

namespace ticketd {

/// `from` plus `span` of what that clock counts (service-rules §1). Office hours are wall-clock time in the desk's
/// zone: a day with a DST change counts the hours that really pass.
[[nodiscard]] Time add_time_on(Clock clock, Time from, Duration span, const Ruleset& ruleset);

/// How much of the time between the two passed on the category's clock; 0 when `to` is not later. Not more than the
/// office time of ten years.
[[nodiscard]] Duration response_time(Time from, Time to, Priority priority, const Ruleset& ruleset);

/// `from` plus `span` of office time; a span that ends exactly when the office closes is due then, not at the next
/// opening. With no office hours at all in the coming ten years: `from + span`; with too few of them: ten years.
[[nodiscard]] Time add_office_time(Time from, Duration span, const Ruleset& ruleset);

/// `from` plus `span` of time of which only days count on which the office opens at all, each from midnight to
/// midnight: it ends on such a day. With no such day in the coming ten years: `from + span`.
[[nodiscard]] Time add_office_days(Time from, Duration span, const Ruleset& ruleset);
/// `at` when it lies on a day on which the office opens, else the start of the next one; `at` where there is none.
[[nodiscard]] Time on_office_day(Time at, const Ruleset& ruleset);

/// Does the office open at all? Where it does not, every clock runs day and night, and all days count.
[[nodiscard]] bool ever_opens(const Ruleset& ruleset);
/// What the target of that category counts.
[[nodiscard]] Clock clock_of(Priority priority, const Ruleset& ruleset);
/// Is the office open at that instant?
[[nodiscard]] bool in_office_hours(Time at, const Ruleset& ruleset);
/// `at` when the office is open, else when it opens next; nullopt when it does not in the coming ten years.
[[nodiscard]] std::optional<Time> next_opening(Time at, const Ruleset& ruleset);

/// Does one of the windows, read in the desk's time zone, hold that instant? Holidays do not count.
[[nodiscard]] bool in_windows(Time at, const std::vector<WeeklyWindow>& windows, const Ruleset& ruleset);

/// The calendar day in the desk's time zone.
[[nodiscard]] std::chrono::year_month_day local_day(Time at, const Ruleset& ruleset);
/// When the desk's clock shows that time on that day; a time that a change of the clocks skips is the moment of the
/// change, one that comes twice the earlier.
[[nodiscard]] Time local_instant(std::chrono::year_month_day day, std::chrono::minutes time, const Ruleset& ruleset);

}  // namespace ticketd
