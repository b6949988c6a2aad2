#pragma once

#include <span>
#include <string>

#include "daemon/ctl/table.h"
#include "rules/alarms.h"
#include "store/store.h"

namespace ticketd {

/// `hindrances`: hindrance_texts
[[nodiscard]] std::string present_status(std::span<const Problem> problems, std::span<const std::string> hindrances,
                                         std::span<const MailboxHealth> mailboxes, const DeskCounts& counts, Time now,
                                         const TextStyle& style);

}  // namespace ticketd
