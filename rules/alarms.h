#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "parsers/time.h"
#include "rules/decide.h"
#include "rules/ruleset.h"
#include "rules/templates.h"

namespace ticketd {

/// Something that needs a person.
struct Problem {
  std::string name;         ///< which one: stays the same while its text changes
  std::string text;         ///< a sentence
  Duration patience{};      ///< it may pass by itself: admins are told when it has lasted this much longer
  std::uint64_t count = 0;  ///< so many things; 0: it can't be counted
};

/// A problem that admins were told of. It is kept for an hour after its end, to know one that comes and goes.
struct Alarm {
  std::string name;
  std::string text;  ///< as it was told
  Time raised_at{};
  std::optional<Time> gone_at;  ///< nullopt while the problem is there
  bool is_over = false;         ///< admins were told that it is over
  std::uint32_t repeats = 0;    ///< how often it came back
  std::uint64_t count = 0;      ///< Problem::count as it was told, or less since
};

/// What follows from the problems of this moment: the alarms as they are then, and mails to admins.
struct AlarmDecision {
  std::vector<Alarm> alarms;
  bool is_changed = false;
  std::vector<std::string> raised, over;  ///< texts, for the log
  std::vector<OutgoingMail> outgoing;
};

/// Admins get one mail when something needs a person, and one when it is over. Of a problem that comes back within an
/// hour they hear once more, and then no more until it has stayed away for an hour: it is over then. Of one that is
/// twice as large as they were told they hear again, once an hour.
[[nodiscard]] AlarmDecision decide_alarms(std::span<const Problem> problems, std::span<const Alarm> alarms,
                                          const Ruleset& ruleset, const Templates& templates, Time now,
                                          const TokenSource& tokens);

}  // namespace ticketd
