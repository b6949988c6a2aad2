#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/audience.h"
#include "rules/ruleset.h"
#include "rules/ticket.h"

namespace ticketd {

// Pages by webhook (service-rules §5). They wait in the outbox as mails do, so that none is lost and each is tried
// again; the recipient of such a row is "webhook:NAME". URL and secret are looked up when it is called, and are stored
// nowhere.

[[nodiscard]] std::string webhook_recipient(const StaffMember& member);
/// The member whose webhook is meant; nullptr when it is none, or he has none (any more).
[[nodiscard]] const StaffMember* find_webhook(std::string_view recipient, const Ruleset& ruleset);

/// What a call tells of one ticket.
struct WebhookNews {
  StaffEvent event = StaffEvent::opened;
  std::string headline;
  const Ticket& ticket;
};

/// A row of the outbox whose octets are the call's body: `{"kind": "page", "event", "headline", "to", "at", "ticket"}`,
/// or, of several, `{"kind": "digest", "headline", "to", "at", "tickets": [{"event", …}]}`. Nothing of the conversation
/// but the subject is in it. `token` makes its message id, which is the same at each try.
[[nodiscard]] OutgoingMail webhook_page(const StaffMember& member, const WebhookNews& news, const Ruleset& ruleset,
                                        Time now, std::string_view token);
[[nodiscard]] OutgoingMail webhook_digest(const StaffMember& member, std::string_view headline,
                                          const std::vector<WebhookNews>& news, const Ruleset& ruleset, Time now,
                                          std::string_view token);

}  // namespace ticketd
