#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "rules/decide.h"
#include "rules/ticket.h"

namespace ticketd {

/// How one category's response targets were met, ever, and stand now.
struct TargetCounts {
  Priority priority = Priority::normal;
  std::uint64_t in_time = 0, late = 0;  ///< answered so
  std::uint64_t never_answered = 0;     ///< missed, and then replaced by another target, or the ticket was closed
  std::uint64_t owed = 0, overdue = 0;  ///< answers owed now; those of them whose time is over
};

/// Mails of one mailbox with one outcome, under whatever numbering of the server.
struct LedgerCount {
  std::string mailbox;
  Outcome outcome = Outcome::ignored;
  std::uint64_t entries = 0;
};

/// What a monitoring system follows over time, beside DeskCounts. All of it is read from sums and ends of indices.
struct OperatingCounts {
  std::array<TargetCounts, 3> targets;  ///< Urgent, High, Normal
  std::vector<LedgerCount> ledger;      ///< by mailbox
  std::uint64_t tickets_opened = 0;     ///< ever
  std::uint64_t unindexed = 0;          ///< messages that the search index lacks, about
};

}  // namespace ticketd
