#pragma once

#include "daemon/ctl/invocation.h"

namespace ticketd {

/// Declares all that ticketctl understands. What a parsed line asks for ends in `invocation`, which outlives `app`.
void declare_command_line(CLI::App& app, Invocation& invocation);

}  // namespace ticketd
