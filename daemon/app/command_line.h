#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace ticketd {

struct TicketdOptions {
  std::string config = "/etc/ticketd/ticketd.toml";
  bool check = false;
  bool once = false;
};

/// Declares all that ticketd understands. What a parsed line says ends in `options`, which outlives `app`.
void declare_command_line(CLI::App& app, TicketdOptions& options);

}  // namespace ticketd
