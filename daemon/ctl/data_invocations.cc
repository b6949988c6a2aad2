// The command line of what concerns the store as a whole.
#include "daemon/ctl/data_commands.h"
#include "daemon/ctl/invocation.h"

namespace ticketd {
namespace {

void add_erase_command(CLI::App& app, Invocation& invocation) {
  auto& in = invocation;
  auto* erase =
      add_command(app, in, "erase", "remove a person's data for good", Access::write, [&in](CtlSession& session) {
        erase_data(session, {in.address, in.dry_run, in.yes});
      });
  erase->footer(
      "Tickets that the person asked for lose all their texts, originals and attachments, and are closed; elsewhere "
      "the\n"
      "person's mails do, and address and name are replaced in those of others. Numbers, times, categories and the\n"
      "ledger stay. Backups made before keep it all: /usr/share/doc/ticketd/docs/data.md.");
  erase->add_option("ADDRESS", in.address, "the person's address; one that has several is erased address by address")
      ->required();
  auto* dry_run = erase->add_flag("--dry-run", in.dry_run, "only say how much it would be");
  erase->add_flag("--yes", in.yes, "it can't be undone, and you know it")->excludes(dry_run);
}

}  // namespace

void add_data_commands(CLI::App& app, Invocation& invocation) {
  auto& in = invocation;
  auto* backup = add_command(app, in, "backup", "copy the store into a file, while the desk works, and verify the copy",
                             Access::none, [&in](CtlSession& session) { back_up_store(session, in.file, in.force); });
  backup->add_option("FILE", in.file, "the new file")->required();
  backup->add_flag("--force", in.force, "replace the file, if there is one");

  auto* restore = add_command(app, in, "restore", "put a backup in the store's place; ticketd must not run",
                              Access::none, [&in](CtlSession& session) { restore_store(session, in.file); });
  restore->footer(
      "The store of before is kept beside it under another name. Mails that waited when the backup was made are held\n"
      "back, for they may have gone out since: 'ticketctl outbox' lists them, 'ticketctl outbox retry ID' sends one.");
  restore->add_option("FILE", in.file, "the backup")->required();

  auto* check =
      app.add_subcommand("check", "read the whole store, and say what is wrong; exit code 1 when something is");
  check->fallthrough();
  check->callback([&in] {
    in.access = Access::none;
    in.action = [&in](CtlSession& session) { return static_cast<int>(check_store(session, in.repair)); };
  });
  check->add_flag("--repair", in.repair,
                  "make a damaged search index, or filters of Message-IDs, anew; other damage needs a backup");

  auto* exporting = add_command(app, in, "export", "all tickets with their conversations, a line of JSON for each",
                                Access::read, [&in](CtlSession& session) {
                                  export_tickets(session, {in.since, in.output, in.force});
                                });
  exporting->add_option("--since", in.since, "only those reported since then: 30d, 2026-11-01, \"2026-11-01 08:00\"");
  exporting->add_option("-o,--output", in.output, "into this new file instead of standard output");
  exporting->add_flag("--force", in.force, "replace the file, if there is one");
  add_erase_command(app, in);
}

}  // namespace ticketd
