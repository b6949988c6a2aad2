#include "daemon/app/ticketd.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "daemon/app/daemon.h"
#include "daemon/app/endpoint.h"
#include "daemon/log/log.h"

namespace ticketd {
namespace {

struct Options {
  std::string config = "/etc/ticketd/ticketd.toml";
  bool check = false;
  bool once = false;
};

void print_problems(std::FILE* stream, const LoadedSettings& loaded) {
  for (const auto& problem : loaded.problems) fmt::print(stream, "{}\n", to_string(problem));
}

int check(const Options& options, const LoadedSettings& loaded) {
  print_problems(stdout, loaded);
  if (!loaded.settings) return kExitConfig;
  const auto& settings = *loaded.settings;
  const auto warnings = loaded.problems.size();
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

/// Passwords and customers' mails are in the memory: no image of it is written to a disk, whoever starts the daemon,
/// and no other process of its user attaches to it or reads its /proc/PID/mem and environ (prctl(2), PR_SET_DUMPABLE).
/// Root still may. For a debugger that runs as that user, TICKETD_DEBUGGABLE=1 in the environment leaves all as it is.
void guard_memory() {
  const char* debuggable = std::getenv("TICKETD_DEBUGGABLE");
  if (debuggable != nullptr && std::string_view(debuggable) == "1") return;
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int work(const Options& options, Settings settings) {
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

int run_ticketd(int argc, char** argv) {
  Options options;
  CLI::App app{"Turns the mails of a support mailbox into tickets.", "ticketd"};
  app.add_option("--config", options.config, "configuration file")->capture_default_str();
  app.add_flag("--check", options.check, "say what is wrong with the configuration, and end");
  app.add_flag("--once", options.once, "one full pass over mailboxes and outbox, and end");
  app.set_version_flag("--version", "ticketd " TICKETD_VERSION);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitOk : kExitUsage;
  }
  guard_memory();
  auto loaded = load_settings(options.config);
  if (options.check) return check(options, loaded);
  print_problems(stderr, loaded);
  if (!loaded.settings) return kExitConfig;
  return work(options, std::move(*loaded.settings));
}

}  // namespace ticketd
