#pragma once

#include <string>

#include "parsers/time.h"
#include "rules/phrases.h"
#include "rules/ruleset.h"

namespace ticketd {

/// "10:30 on Tuesday, 24 November" in the desk's time zone, with "today"/"tomorrow" relative to `now`: "10:30 today".
/// Names the year when it is not the one of `now`.
[[nodiscard]] Words due_time(Time at, Time now, const Ruleset& ruleset);
/// The same in English.
[[nodiscard]] std::string local_due_time(Time at, Time now, const Ruleset& ruleset);

/// "2026-11-24 10:30 (Europe/Berlin)": for what is read at any later time.
[[nodiscard]] std::string dated_local_time(Time at, const Ruleset& ruleset);

/// "Tuesday, 24 November 2026, 10:30" in the desk's time zone: the same in words.
[[nodiscard]] std::string full_local_time(Time at, const Ruleset& ruleset);

/// "30 minutes", "2 hours", "1 day 4 hours": for people. Seconds are left out from an hour on.
[[nodiscard]] Words duration_words(Duration span);
/// The same in English.
[[nodiscard]] std::string humane_duration(Duration span);

}  // namespace ticketd
