// The command line of setup and preview.
#include <fmt/format.h>

#include "daemon/ctl/invocation.h"
#include "daemon/ctl/setup/dialogue.h"
#include "daemon/ctl/setup/setup.h"

namespace ticketd {

void add_setup_commands(CLI::App& app, Invocation& invocation) {
  auto& in = invocation;
  auto* setup = app.add_subcommand("setup", "ask for what a first configuration needs, try it, and write it");
  setup->fallthrough();
  setup->add_option("--answers", in.answers, "the answers, in TOML (imap_server = \"…\"); '-': from standard input");
  setup->add_flag("--force", in.force, "replace a configuration that is there, and keep the old one as .bak");
  setup->add_flag("--no-probe", in.no_probe, "write it without trying the servers");
  setup->footer(fmt::format(
      "Passwords go into files of their own (mode 0600): /etc/ticketd/credentials, or the folder credentials beside\n"
      "the file that --config names. Until the end nothing is written; the mailbox is only read. At a terminal, a\n"
      "configuration that is there suggests its values, and keeps what is not asked for.\n"
      "Answers: {}.",
      fmt::join(setup_keys(), ", ")));
  setup->callback([&in] {
    in.alone = [&in] { return run_setup({in.config, in.answers, in.force, !in.no_probe, in.json}); };
  });
  constexpr std::uint32_t kMost = 500;
  auto* preview = app.add_subcommand("preview", "say what the newest mails of a mailbox would become; changes nothing");
  preview->fallthrough();
  preview->add_option("N", in.previewed, "so many mails of each mailbox")
      ->check(CLI::Range(std::uint32_t{1}, kMost))
      ->capture_default_str();
  preview->add_option("--mailbox", in.mailbox, "only this one");
  preview->callback([&in] {
    in.alone = [&in] { return run_preview({in.config, in.mailbox, in.previewed, in.json}); };
  });
}

}  // namespace ticketd
