#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/ctl/commands.h"

namespace ticketd {

using Access = CtlSession::Access;

/// What the command line asks for: filled by CLI11, carried out after it was read whole.
struct Invocation {
  std::string config{kSystemConfiguration};
  bool json = false;
  Access access = Access::read;
  bool keeps_mail = false;  ///< whoever calls has a mail, and sends it back for good unless told to try again
  std::function<int(CtlSession&)> action;
  std::function<int()> alone;  ///< in place of `action`, for what needs no session

  std::int64_t number = 0, other_number = 0, id = 0;
  std::uint32_t limit = 0;
  std::optional<std::string> message;
  bool resolve = false;
  bool full = false;
  bool force = false;
  bool no_strike = false;
  bool no_probe = false;
  bool dry_run = false;
  bool yes = false;
  bool repair = false;
  std::uint32_t previewed = 10;
  std::string answers, output, mailbox, address, organization, engineer, priority, reason, when, since, file;
  std::vector<std::string> words;
  ListOptions list;
  OutboxOptions outbox;
  NewOptions opening;
  IncidentOptions incident;
};

/// Adds a sub-command that runs `action` with the session.
template <class Action>
CLI::App* add_command(CLI::App& app, Invocation& invocation, const char* name, const char* help, Access access,
                      Action action) {
  auto* command = app.add_subcommand(name, help);
  command->fallthrough();
  command->callback([&invocation, command, access, action] {
    if (!command->get_subcommands().empty()) return;  // the inner one has spoken
    invocation.access = access;
    invocation.action = [action](CtlSession& session) {
      action(session);
      return static_cast<int>(kExitOk);
    };
  });
  return command;
}

/// Takes "17" and "#17"; `what` names it where it is neither.
[[nodiscard]] CLI::Validator as_number(const char* what);
/// The required argument N, a ticket.
void add_number(CLI::App* command, Invocation& invocation);
/// The required argument ID.
void add_id(CLI::App* command, Invocation& invocation, const char* help);
/// The option --message.
void add_message(CLI::App* command, Invocation& invocation);

/// The sub-commands `setup` and `preview`.
void add_setup_commands(CLI::App& app, Invocation& invocation);
/// The sub-commands `incident`, `organization` and `stats`.
void add_incident_commands(CLI::App& app, Invocation& invocation);
void add_organization_commands(CLI::App& app, Invocation& invocation);
void add_statistics_command(CLI::App& app, Invocation& invocation);
/// The sub-commands `backup`, `restore`, `check`, `export` and `erase`.
void add_data_commands(CLI::App& app, Invocation& invocation);

}  // namespace ticketd
