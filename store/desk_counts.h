#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rules/context.h"
#include "rules/ticket.h"

namespace ticketd {

/// A ticket with which the clock could not do what was due.
struct StuckTicket {
  TicketId ticket{};
  std::string reason;
};

/// What the status page has to show, and whether it does.
struct StatusPageState {
  std::int64_t changes = 0;        ///< so many times has an incident changed
  std::int64_t written = 0;        ///< value of `changes` when the page was last written; -1: it never was
  std::optional<Time> changed_at;  ///< the latest of them
  std::string error;               ///< why the latest try to write it failed; empty when it did not
};

/// A ticket whose answer is owed.
struct NextTarget {
  TicketId ticket{};
  Priority priority = Priority::normal;
  Time due_at{};
};

/// An OAuth 2 access token that could not be had, or not be renewed, at the latest try.
struct TokenFailure {
  std::string login;  ///< digest of all that it is asked for with
  std::string error;
  Time since{};
};

struct DeskCounts {
  std::uint64_t queued = 0, sending = 0, deferred = 0, failed = 0, uncertain = 0;
  std::uint64_t kept_back = 0;            ///< of those that failed: never tried, for mail to all recipients came back
  std::uint64_t put_off = 0;              ///< of those deferred: for long, by a server's answers about themselves
  std::optional<Time> oldest_unsent_at;   ///< of all others: waits since then, on its way or not
  std::optional<Time> oldest_sending_at;  ///< on its way since then, and the mail server has not answered for it
  std::uint64_t quarantined = 0;          ///< kept until a person has looked
  std::uint64_t tickets_new = 0, tickets_open = 0, tickets_resolved = 0, tickets_breached = 0;
  std::uint64_t tickets_overdue = 0;       ///< of those breached: the answer is owed still
  std::optional<NextTarget> next_target;   ///< of those that are not missed yet
  std::optional<NextTarget> most_overdue;  ///< whose answer is owed, and was due before all others
  std::uint64_t withheld_answers = 0;      ///< by the limit of all automatic answers together, in its window
  std::vector<Undeliverable> unreachable_staff;
  std::vector<StuckTicket> stuck;  ///< by number
  StatusPageState status_page;
  std::vector<TokenFailure> token_failures;
};

}  // namespace ticketd
