#include "daemon/ctl/time_text.h"

#include <date/tz.h>

#include "rules/time_words.h"

namespace ticketd {

std::string relative_time(Time at, Time now) {
  const bool past = at <= now;
  const Duration span = past ? now - at : at - now;
  if (span < std::chrono::seconds{5}) return "just now";
  auto rounded = std::chrono::duration_cast<Duration>(std::chrono::floor<std::chrono::seconds>(span));
  if (span >= std::chrono::minutes{1}) rounded = std::chrono::floor<std::chrono::minutes>(span);
  if (span >= std::chrono::days{1}) rounded = std::chrono::floor<std::chrono::hours>(span);
  const auto text = humane_duration(rounded);
  return past ? text + " ago" : "in " + text;
}

std::string local_time_text(Time at, const Ruleset& ruleset) {
  const auto zoned = date::make_zoned(ruleset.support.time_zone, std::chrono::floor<std::chrono::seconds>(at));
  return date::format("%F %T %Z", zoned);
}

}  // namespace ticketd
