#include "daemon/ctl/time_text.h"

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
  const auto dated = dated_local_time(at, ruleset);
  return dated.substr(0, dated.find(" ("));
}

}  // namespace ticketd
