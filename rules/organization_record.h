#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rules/ticket.h"

namespace ticketd {

/// A category that a customer had claimed and staff lowered: it counts against the organization (service-rules §4).
struct Strike {
  std::string organization;
  Time at{};
  std::optional<TicketId> ticket;
  std::string reason;       ///< a sentence
  bool is_settled = false;  ///< it led to a downgrade, or was forgiven by a restoration: it counts no more
};

/// Until when an organization's requests are Normal whatever they claim; nullopt: it is in good standing. Its strikes
/// up to now are settled with it.
struct OrganizationStanding {
  std::string organization;
  std::optional<Time> downgraded_until;
};

/// What the store has on an organization whose standing may change.
struct OrganizationRecord {
  std::string name;                      ///< empty: it was not asked for
  std::optional<Time> downgraded_until;  ///< may lie in the past: it is over then
  std::uint32_t strikes = 0;             ///< within the window asked for, without settled ones
  std::vector<Ticket> tickets;           ///< its new and open ones above Normal, by number
};

}  // namespace ticketd
