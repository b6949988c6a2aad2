#pragma once

#include <string_view>

#include "daemon/ctl/session.h"

namespace ticketd {

/// Whether a person at a terminal can be asked. Scripts (--json, input or errors elsewhere) never are.
[[nodiscard]] bool can_ask(const CtlSession& session);
/// Asks on standard error; true for "y" or "yes" in any case, false for anything else and at the end of the input.
[[nodiscard]] bool says_yes(std::string_view question);

}  // namespace ticketd
