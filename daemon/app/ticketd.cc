#include "daemon/app/ticketd.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdio>
#include <string>

#include "daemon/app/command_line.h"
#include "daemon/app/daemon.h"
#include "daemon/app/endpoint.h"
#include "daemon/config/named_files.h"
#include "daemon/log/log.h"
#include "daemon/service/memory_guard.h"

namespace ticketd {
namespace {

void print_problems(std::FILE* stream, const LoadedSettings& loaded) {
  for (const auto& problem : loaded.problems) fmt::print(stream, "{}\n", to_string(problem));
}

int check(const TicketdOptions& options, const LoadedSettings& loaded) {
  print_problems(stdout, loaded);
  if (!loaded.settings) return kExitConfig;
  const auto& settings = *loaded.settings;
  const auto unreadable = unreadable_files(settings, options.config);
  for (const auto& warning : unreadable) fmt::print("{}\n", warning);
  const auto warnings = loaded.problems.size() + unreadable.size();
  fmt::print("{}: good{}; mailboxes: {}, SMTP servers: {}, staff: {}\n", options.config,
             warnings == 0   ? std::string()
             : warnings == 1 ? ", with one warning"
                             : fmt::format(", with {} warnings", warnings),
             settings.mailboxes.size(), settings.smtp.servers.size(), settings.ruleset.staff.size());
  if (settings.ruleset.staff.empty())
    fmt::print("There is no [[staff]]: nobody is told of a ticket, and nobody can take one.\n");
  if (settings.ruleset.support.admins.empty())
    fmt::print("support.admins is empty: nobody is told when a mailbox or the mail server fails.\n");
  return kExitOk;
}

int fail(ExitCode code, std::string_view what) {
  fmt::print(stderr, "ticketd: {}\n", what);
  return code;
}

int work(const TicketdOptions& options, Settings settings) {
  ::umask(0007);  // whoever is in the group works the desk
  const log::Session logging;
  try {
    Daemon daemon(options.config, std::move(settings));
    return options.once ? daemon.run_once() : daemon.run();
  } catch (const StoreBusy& error) {
    return fail(kExitTryAgain, error.what());
  } catch (const StoreError& error) {
    return fail(kExitUnavailable, error.what());
  } catch (const SecretError& error) {
    return fail(kExitConfig, error.what());
  } catch (const std::exception& error) {
    return fail(kExitTryAgain, error.what());
  }
}

}  // namespace

void declare_command_line(CLI::App& app, TicketdOptions& options) {
  app.add_option("--config", options.config, "configuration file")->capture_default_str();
  app.add_flag("--check", options.check, "say what is wrong with the configuration, and end");
  app.add_flag("--once", options.once, "one full pass over mailboxes and outbox, and end");
  app.set_version_flag("--version", "ticketd " TICKETD_VERSION);
  app.footer(
      "Exit codes: 0 done; 64 unknown option; 69 the store is unusable; 75 not now, try again; 78 the configuration "
      "is\n"
      "wrong.");
}

int run_ticketd(int argc, char** argv) {
  TicketdOptions options;
  CLI::App app{"Turns the mails of a support mailbox into tickets.", "ticketd"};
  declare_command_line(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    return fail(kExitUsage, fmt::format("{}\nRun with --help for more information.", error.what()));
  }
  guard_memory();
  auto loaded = load_settings(options.config);
  if (options.check) return check(options, loaded);
  print_problems(stderr, loaded);
  if (!loaded.settings) return kExitConfig;
  return work(options, std::move(*loaded.settings));
}

}  // namespace ticketd
