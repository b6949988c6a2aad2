#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rules/ruleset.h"
#include "rules/ticket.h"

namespace ticketd {

/// A ticket that somebody waits, or waited, for; as it is now.
struct ReportedTicket {
  Priority priority = Priority::normal;
  std::string organization;
  Time reported_at{};
};

/// An answer that was owed, or is: one for each time that a ticket's clock was started.
struct AnswerTarget {
  Priority priority = Priority::normal;
  std::string organization;
  Time clock_from{};  ///< reporting, or reopening
  Time due_at{};
  std::optional<Time> responded_at;  ///< nullopt: nobody has answered
  bool is_owed = false;              ///< and somebody still may
};

/// One group of tickets and answers.
struct StatisticsRow {
  std::string name;  ///< "Urgent"; the organization's; "2026-W48" (ISO 8601 weeks on the desk's clock)
  std::uint64_t reported = 0;
  std::uint64_t owed = 0;  ///< answers, also those of tickets that were reported before: given, late or waited for
  std::uint64_t answered = 0;
  std::uint64_t within = 0;   ///< answered within the target
  std::uint64_t missed = 0;   ///< answered later, or due and not answered
  std::uint64_t waiting = 0;  ///< owed, and not due yet
  /// From the start of the clock to the answer, on the category's clock: of those answered, by nearest rank.
  std::optional<Duration> median, p90;
  /// 0 to 1, of those that were within or missed; nullopt when there are none.
  [[nodiscard]] std::optional<double> share_within() const;
};

struct Statistics {
  StatisticsRow all;
  std::vector<StatisticsRow> categories;     ///< Urgent, High, Normal: always these three
  std::vector<StatisticsRow> organizations;  ///< those with any, the one with most tickets first
  std::vector<StatisticsRow> weeks;          ///< those with any, in their order
};

[[nodiscard]] Statistics make_statistics(const std::vector<ReportedTicket>& reported,
                                         const std::vector<AnswerTarget>& targets, const Ruleset& ruleset, Time now);

}  // namespace ticketd
