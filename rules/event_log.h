#pragma once

#include <string>
#include <string_view>

#include "rules/decide.h"

namespace ticketd {

/// Adds an event of `ticket` to a decision.
inline void log_event(Decision& decision, TicketId ticket, Time at, std::string_view actor, std::string_view kind,
                      std::string detail) {
  decision.events.push_back({ticket, at, std::string(actor), std::string(kind), std::move(detail)});
}

/// "Category: The subject asks for it …": a step for `explain`, under the name of its rule.
inline void note_reason(Decision& decision, std::string_view rule, std::string_view sentence) {
  if (!sentence.empty()) decision.reasons.push_back(std::string(rule).append(": ").append(sentence));
}

}  // namespace ticketd
