#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rules/decide.h"
#include "rules/ticket.h"

namespace ticketd {

/// Which mails leave first, whatever else waits. By the kind of the mail: column outbox.urgency.
enum class Urgency : std::int64_t {
  page,      ///< about an Urgent ticket
  customer,  ///< what a customer gets; that a target was missed, whoever gets it
  warning,   ///< what staff and admins must not miss: warnings, alarms
  news,      ///< what staff may read later
  webhook    ///< no mail
};

struct OutboxRow {
  OutgoingMail mail;                    ///< `octets` are empty in listings
  Urgency urgency = Urgency::customer;  ///< when it was leased: what waits for long becomes more urgent
  OutboxState state = OutboxState::queued;
  std::uint32_t attempts = 0;
  std::uint32_t uncertain_attempts = 0;    ///< of those, how many ended without the server's answer
  std::uint32_t interrupted_attempts = 0;  ///< of the others, how many ended with the process
  std::optional<Time> next_attempt_at;
  std::string last_error;
  Time waiting_since{};              ///< since it was written, or since a person asked to try it again
  std::vector<std::string> refused;  ///< recipients that failed for good
};

/// What one attempt to send brought.
struct SendResult {
  std::int64_t id = 0;
  OutboxState state = OutboxState::sent;  ///< sent, deferred, failed, uncertain; queued: it was not tried
  bool interrupted = false;               ///< uncertain because the process ended, not because the answer was lost
  bool put_off = false;                 ///< deferred by a server's answer about this mail, and not for want of a server
  std::optional<Time> next_attempt_at;  ///< for deferred, uncertain and queued
  std::string error;
  std::vector<std::string> accepted;  ///< recipients that took it: no further attempt names them
  std::vector<std::string> refused;   ///< recipients that failed for good
  std::optional<Decision> follows;    ///< applied with it; its events go to where the conversation is
};

}  // namespace ticketd
