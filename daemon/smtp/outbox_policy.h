#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "daemon/config/settings.h"
#include "daemon/smtp/delivery.h"
#include "store/store.h"

namespace ticketd {

/// A mail whose answer was lost so often is tried no more: each further try may be one more copy for the customer.
constexpr std::uint32_t kMaxUncertainAttempts = 3;

/// About an Urgent ticket: it leaves before all other mail.
[[nodiscard]] bool is_page(const OutboxRow& row);

/// What one person gets about one ticket comes in the order in which it was written: the first mail has to wait for the
/// second one. Pages wait for nothing, and nobody waits for what is less urgent.
[[nodiscard]] bool follows(const OutboxRow& row, const OutboxRow& earlier);

/// How long to wait after attempt number `attempts` (from 1): backoff_delay from retry_first to retry_max.
[[nodiscard]] Duration retry_delay(std::uint32_t attempts, const SmtpSettings& settings, double random);

/// What an attempt means for the row: sent when nobody is left; uncertain when a recipient is; deferred as long as one
/// can still be served, until give_up after `waiting_since`; failed when somebody was refused for good or time is up.
/// Of an address that does not exist by the server's answer to its RCPT, SendResult::follows says what a bounce would.
[[nodiscard]] SendResult settle(const OutboxRow& row, const Delivery& delivery, const SmtpSettings& settings, Time now,
                                double random);

/// No server could be reached, or took the connection.
[[nodiscard]] SendResult postpone(const OutboxRow& row, std::string_view error, const SmtpSettings& settings, Time now,
                                  double random);

/// Left on its way by a process that died. `known` is what SendMark::find says: what is sure is as if it had been
/// written down in time. Else the number of such ends says nothing, and only time gives it up. The pauses grow, so that
/// a mail that kills whoever sends it can't keep the others back.
[[nodiscard]] SendResult recover(const OutboxRow& row, const std::optional<Delivery>& known,
                                 const SmtpSettings& settings, Time now, double random);

/// Leased, but not tried: queued again, and due at once.
[[nodiscard]] SendResult hand_back(const OutboxRow& row, std::string_view why, Time now);

}  // namespace ticketd
