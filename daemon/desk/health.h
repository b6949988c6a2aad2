#pragma once

#include <span>
#include <string>
#include <vector>

#include "daemon/config/settings.h"
#include "rules/alarms.h"
#include "store/lease_record.h"
#include "store/store.h"

namespace ticketd {

/// Store::counts, and the two that depend on the configuration.
[[nodiscard]] DeskCounts load_counts(Store& store, const Ruleset& ruleset, Time now);

/// What needs a person, empty when all is well: a mailbox without a good poll for three intervals or
/// with mails that the ledger misses or that can't be moved on the server, mails in quarantine, tickets that can't be
/// closed in time, mails that could not be sent, an outbox that ages, automatic answers that a storm kept back, access
/// tokens that can't be had or not be renewed, staff whom mail does not reach, a status page that can't be written,
/// and what the leases say (add_lease_problems).
[[nodiscard]] std::vector<Problem> find_problems(const Settings& settings, std::span<const MailboxHealth> mailboxes,
                                                 std::span<const LeaseRecord> leases, const DeskCounts& counts,
                                                 Time now);

/// The name of the problem that a mailbox had no good poll: after a start or a step of the clock it may not have been
/// asked yet.
[[nodiscard]] std::string silence_of(const MailboxSettings& mailbox);

}  // namespace ticketd
