#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "daemon/config/file_reader.h"

namespace ticketd {

struct TicketdOptions {
  std::string config{kSystemConfiguration};
  bool check = false;
  bool once = false;
};

/// Declares all that ticketd understands. What a parsed line says ends in `options`, which outlives `app`.
void declare_command_line(CLI::App& app, TicketdOptions& options);

}  // namespace ticketd
