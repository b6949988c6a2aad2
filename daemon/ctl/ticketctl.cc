#include "daemon/ctl/ticketctl.h"

#include <fmt/format.h>

#include <cctype>
#include <csignal>
#include <cstdio>

#include "daemon/config/near_miss.h"
#include "daemon/ctl/command_line.h"
#include "daemon/desk/nudge.h"
#include "daemon/service/memory_guard.h"
#include "parsers/printable.h"

namespace ticketd {
namespace {

void add_reading_commands(CLI::App& app, Invocation& invocation) {
  auto& in = invocation;
  auto* list = add_command(app, in, "list", "tickets that are not closed, most pressing first", Access::read,
                           [&in](CtlSession& session) { list_tickets(session, in.list); });
  list->add_option("--status", in.list.status, "new, open, resolved, closed or any");
  list->add_option("--priority", in.list.priority, "urgent, high or normal");
  list->add_option("--organization", in.list.organization, "only this organization's");
  list->add_option("--assignee", in.list.assignee, "only this staff member's");
  list->add_flag("--breached", in.list.breached, "only those whose response target was missed");
  list->add_option("--limit", in.list.limit, "at most so many");

  auto* show = add_command(app, in, "show", "one ticket: conversation, and the timeline with its reasons", Access::read,
                           [&in](CtlSession& session) { show_ticket(session, in.number, in.full); });
  add_number(show, in);
  show->add_flag("--full", in.full, "with quoted text and signatures, which else are folded");

  auto* search = add_command(app, in, "search", "tickets whose subject or text holds these words", Access::read,
                             [&in](CtlSession& session) { search_tickets(session, in.words, in.limit); });
  search->add_option("WORDS", in.words, "the words; the last may be a beginning")->required();
  search->add_option("--limit", in.limit, "at most so many")->default_val(50);
}

void add_original_commands(CLI::App& app, Invocation& invocation) {
  auto& in = invocation;
  auto* raw = add_command(app, in, "raw", "a received mail, octet for octet", Access::read,
                          [&in](CtlSession& session) { print_raw_mail(session, in.number, in.id); });
  add_number(raw, in);
  add_id(raw, in, "the message's id, as show tells it");

  auto* attachment =
      add_command(app, in, "attachment", "an attachment of a received mail", Access::read,
                  [&in](CtlSession& session) { save_attachment(session, in.number, in.id, in.output, in.force); });
  add_number(attachment, in);
  add_id(attachment, in, "the attachment's id, as show tells it");
  attachment->add_option("-o,--output", in.output, "into this new file instead of standard output");
  attachment->add_flag("--force", in.force, "replace the file, if there is one");
}

void add_work_commands(CLI::App& app, Invocation& invocation) {
  auto& in = invocation;
  auto* opening = add_command(
      app, in, "new", "open a ticket for somebody who called or wrote elsewhere, and mail him that it is on record",
      Access::write, [&in](CtlSession& session) {
        in.opening.message = in.message;
        open_ticket(session, in.opening);
      });
  opening->add_option("--from", in.opening.from, "the customer's address, or 'Name <address>'")->required();
  opening->add_option("--subject", in.opening.subject, "what it is about")->required();
  opening->add_option("--channel", in.opening.channel, "phone, sms, direct or portal")->default_val("phone");
  opening->add_option("--message", in.message, "what was said; '-': from standard input");

  add_number(add_command(app, in, "take", "make a ticket yours", Access::write,
                         [&in](CtlSession& session) { change_ticket(session, in.number, TakeCommand{}); }),
             in);

  auto* assign =
      add_command(app, in, "assign", "give a ticket to a member of the staff", Access::write,
                  [&in](CtlSession& session) { change_ticket(session, in.number, AssignCommand{in.engineer}); });
  add_number(assign, in);
  assign->add_option("ENGINEER", in.engineer, "name, login or address")->required();

  add_number(add_command(app, in, "close", "close it; the customer is told nothing", Access::write,
                         [&in](CtlSession& session) { change_ticket(session, in.number, CloseCommand{}); }),
             in);
  add_number(
      add_command(app, in, "reopen", "open a resolved or closed one again, with a new response target", Access::write,
                  [&in](CtlSession& session) { change_ticket(session, in.number, ReopenCommand{}); }),
      in);

  auto* merge = add_command(
      app, in, "merge", "make two tickets one: the first goes into the second", Access::write,
      [&in](CtlSession& session) { change_ticket(session, in.number, MergeCommand{TicketId{in.other_number}}); });
  add_number(merge, in);
  merge->add_option("INTO", in.other_number, "the ticket that takes it in")
      ->required()
      ->transform(as_number("ticket number"));
  add_number(
      add_command(app, in, "spam", "close it, and take further mail of its sender for spam; reopen undoes it",
                  Access::write, [&in](CtlSession& session) { change_ticket(session, in.number, SpamCommand{}); }),
      in);

  auto* note = add_command(
      app, in, "note", "keep a note that the customer never sees", Access::write, [&in](CtlSession& session) {
        change_ticket(session, in.number, NoteCommand{message_for(session, in.number, in.message)});
      });
  add_number(note, in);
  add_message(note, in);

  auto* prioritize = add_command(app, in, "prioritize", "set the category", Access::write, [&in](CtlSession& session) {
    prioritize_ticket(session, in.number, in.priority, in.reason, !in.no_strike);
  });
  add_number(prioritize, in);
  prioritize->add_option("PRIORITY", in.priority, "urgent, high or normal")->required();
  prioritize->add_option("--reason", in.reason, "why; it stands in the ticket's log");
  prioritize->add_flag("--no-strike", in.no_strike, "lower it without a strike against the customer's organization");
}

void add_answer_commands(CLI::App& app, Invocation& invocation) {
  auto& in = invocation;
  auto* estimate =
      add_command(app, in, "estimate", "mail the customer when it will be resolved", Access::write,
                  [&in](CtlSession& session) { change_ticket(session, in.number, EstimateCommand{in.when}); });
  add_number(estimate, in);
  estimate->add_option("WHEN", in.when, "90m, 2h, 3d, 14:30, \"2026-12-01 14:30\" or 2026-12-01T14:30:00Z")->required();

  auto* reply =
      add_command(app, in, "reply", "mail an answer to the customer", Access::write, [&in](CtlSession& session) {
        change_ticket(session, in.number, ReplyCommand{message_for(session, in.number, in.message), in.resolve});
      });
  add_number(reply, in);
  add_message(reply, in);
  reply->add_flag("--resolve", in.resolve, "and say that it is resolved");

  auto* resolve = add_command(app, in, "resolve", "mail the customer that it is resolved, and ask to test",
                              Access::write, [&in](CtlSession& session) {
                                if (!in.message && !in.yes) confirm_resolution(session, in.number);
                                const auto text =
                                    in.message ? message_for(session, in.number, in.message) : std::string();
                                change_ticket(session, in.number, ResolveCommand{text});
                              });
  add_number(resolve, in);
  resolve->add_option("--message", in.message, "what was done; '-': from standard input");
  resolve->add_flag("--yes", in.yes, "without --message, mail the desk's own words and do not ask");
}

void add_quarantine_commands(CLI::App& app, Invocation& invocation) {
  auto& in = invocation;
  auto* quarantine =
      add_command(app, in, "quarantine", "mails that could not be read: list, show ID, retry ID, drop ID", Access::read,
                  list_quarantine);
  quarantine->require_subcommand(0, 1);
  add_command(*quarantine, in, "list", "all of them, and why", Access::read, list_quarantine);
  add_id(add_command(*quarantine, in, "show", "one, octet for octet", Access::read,
                     [&in](CtlSession& session) { show_quarantined(session, in.id); }),
         in, "the mail's id, as quarantine list tells it");
  add_id(add_command(*quarantine, in, "retry", "read one again, and make a ticket of it", Access::write,
                     [&in](CtlSession& session) { retry_quarantined(session, in.id); }),
         in, "the mail's id");
  add_id(add_command(*quarantine, in, "drop", "delete one for good", Access::write,
                     [&in](CtlSession& session) { drop_quarantined(session, in.id); }),
         in, "the mail's id");
}

void add_address_commands(CLI::App& app, Invocation& invocation) {
  auto& in = invocation;
  auto* undeliverable =
      add_command(app, in, "undeliverable", "addresses that get no mail, because it came back: list, clear ADDRESS",
                  Access::read, list_undeliverable);
  undeliverable->footer(
      "A mail server said for good that there is no such address, of a mail that went to it alone. No mail is sent\n"
      "there any more: the outbox keeps it as failed, with the reason. The address comes off the list when mail comes\n"
      "from it, or by 'ticketctl undeliverable clear ADDRESS'; what failed till then: ticketctl outbox retry ID.");
  undeliverable->require_subcommand(0, 1);
  add_command(*undeliverable, in, "list", "all of them, and why", Access::read, list_undeliverable);
  add_command(*undeliverable, in, "clear", "write there again", Access::write,
              [&in](CtlSession& session) { clear_undeliverable(session, in.address); })
      ->add_option("ADDRESS", in.address, "the address")
      ->required();

  auto* blocked =
      add_command(app, in, "blocked", "senders whose mail counts as spam, and since when", Access::read, list_blocked);
  blocked->footer(
      "Their mail is kept in tickets that nobody is told of, and is not answered. 'ticketctl spam N' puts the sender "
      "of\n"
      "ticket N on the list, 'ticketctl reopen N' takes him off it. Addresses and domains that the configuration "
      "blocks\n"
      "([block]) are on it as long as they stand there.");
  blocked->require_subcommand(0, 1);
  add_command(*blocked, in, "list", "all of them", Access::read, list_blocked);
}

void add_mail_commands(CLI::App& app, Invocation& invocation) {
  auto& in = invocation;
  add_command(app, in, "ingest", "file the mail on standard input (delivery by an MTA's pipe)", Access::write,
              ingest_mail)
      ->parse_complete_callback([&in] { in.keeps_mail = true; });
  add_command(app, in, "explain", "say what would become of the mail on standard input, and why", Access::read,
              explain_mail);

  const auto list = [&in](CtlSession& session) { list_outbox(session, in.outbox); };
  auto* outbox = add_command(app, in, "outbox", "mails that leave: list, retry ID, drop ID", Access::read, list);
  outbox->require_subcommand(0, 1);
  outbox->add_flag("--all", in.outbox.all, "also those that were sent long ago");
  outbox->add_option("--limit", in.outbox.limit, "so many of those that are sent, the latest")->capture_default_str();
  add_command(*outbox, in, "list", "mails that are not sent, and the latest of those that are", Access::read, list);
  for (const bool retry : {true, false}) {
    auto* command = add_command(*outbox, in, retry ? "retry" : "drop",
                                retry ? "send one now" : "give one up: it is not sent any more", Access::write,
                                [&in, retry](CtlSession& session) {
                                  retry ? retry_outgoing_mail(session, in.id) : drop_outgoing_mail(session, in.id);
                                });
    add_id(command, in, "the mail's id, as outbox list tells it");
  }

  add_quarantine_commands(app, in);
  auto* ledger = add_command(app, in, "ledger", "every mail that a mailbox showed, and its one outcome", Access::read,
                             [&in](CtlSession& session) { show_ledger(session, in.mailbox); });
  ledger->add_option("--mailbox", in.mailbox, "only this one");
}

/// Commands whose exit code says what they found.
void add_judging_command(CLI::App& app, Invocation& invocation, const char* name, const char* help, Access access,
                         ExitCode (*judge)(CtlSession&)) {
  auto* command = app.add_subcommand(name, help);
  command->fallthrough();
  command->callback([&invocation, access, judge] {
    invocation.access = access;
    invocation.action = [judge](CtlSession& session) { return static_cast<int>(judge(session)); };
  });
}

/// The words that nothing takes, told better than CLI11 does; empty when something else is wrong.
std::string surplus_words(const CLI::App& app) {
  const auto words = app.remaining(true);
  if (words.empty()) return {};
  const CLI::App* scope = &app;
  while (!scope->get_subcommands().empty()) scope = scope->get_subcommands().front();
  std::vector<std::string> names;
  for (const auto* command : scope->get_subcommands({})) names.push_back(command->get_name());
  if (names.empty() || words.front().starts_with('-'))
    return fmt::format("{} does not take this: {}", scope->get_name(),
                       printable_line(fmt::format("{}", fmt::join(words, " "))));
  const auto meant = near_miss(words.front(), names);
  return fmt::format("'{}' is no command of {}{}", printable_line(words.front()), scope->get_name(),
                     meant.empty() ? "" : fmt::format(" (did you mean '{}'?)", meant));
}

/// Without any command, the whole list of them says more than a complaint.
int refuse(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) return app.exit(error);
  const auto surplus = surplus_words(app);
  if (app.get_subcommands().empty() && surplus.empty() && dynamic_cast<const CLI::RequiredError*>(&error) != nullptr)
    fmt::print(stderr, "ticketctl: a command is required\n\n{}", app.help());
  else
    fmt::print(stderr, "ticketctl: {}\nRun with --help for more information.\n",
               surplus.empty() ? std::string(error.what()) : surplus);
  return kExitUsage;
}

/// "help", and "help incident open": the same as --help of that command.
int print_help(const CLI::App& app, const std::vector<std::string>& words) {
  const CLI::App* scope = &app;
  std::string name = app.get_name();
  for (const auto& word : words) {
    const auto inner = scope->get_subcommands([&](const CLI::App* command) { return command->get_name() == word; });
    if (inner.empty()) {
      fmt::print(stderr, "ticketctl: '{}' is no command of {}; see: ticketctl help\n", printable_line(word),
                 scope->get_name());
      return kExitUsage;
    }
    scope = inner.front();
    name += " " + word;
  }
  print(scope->get_formatter()->make_help(scope, name, CLI::AppFormatMode::Normal));
  return kExitOk;
}

void add_help_command(CLI::App& app, Invocation& invocation) {
  auto* help = app.add_subcommand("help", "this list, or what one command takes: help resolve, help incident open");
  help->add_option("COMMAND", invocation.words, "the command");
  help->callback(
      [&app, &invocation] { invocation.alone = [&app, &invocation] { return print_help(app, invocation.words); }; });
}

/// What a rule says in a sentence, as what stands behind the program's name.
std::string as_clause(std::string text) {
  for (const std::string_view word : {"A ", "An ", "The ", "There ", "Ticket "})
    if (text.starts_with(word))
      text.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(text.front())));
  const bool is_one_sentence = text.find(". ") == text.npos && text.find('\n') == text.npos;
  if (is_one_sentence && text.ends_with('.')) text.pop_back();
  return text;
}

/// A mail that can't be filed now can be once a person has mended what is wrong (a typo in the configuration, a full
/// disk, missing rights): only what is wrong with itself sends it back to its sender.
int exit_code_of(const CommandFailure& failure, const Invocation& invocation) {
  return invocation.keeps_mail && failure.code() != kExitDataError ? kExitTryAgain : failure.code();
}

int carry_out(Invocation& invocation) {
  // What is done is done, whether or not somebody still reads what is said of it.
  if (invocation.access == Access::write) std::signal(SIGPIPE, SIG_IGN);
  try {
    if (invocation.alone) return invocation.alone();
    CtlSession session(invocation.config, invocation.json, invocation.access);
    return invocation.action(session);
  } catch (const CommandFailure& failure) {
    fmt::print(stderr, "ticketctl: {}\n", as_clause(failure.what()));
    return exit_code_of(failure, invocation);
  } catch (const StoreDamaged& error) {
    fmt::print(stderr, "ticketctl: {}\n", error.what());
    return exit_code_of(CommandFailure(kExitUnavailable, error.what()), invocation);
  } catch (const CommittedStoreError& error) {
    nudge_daemon();
    fmt::print(stderr, "ticketctl: it is done, but {}\n", error.what());
    return kExitOk;
  } catch (const std::exception& error) {
    // Whatever else fails, a mail on standard input is not filed: the MTA keeps it and tries again.
    fmt::print(stderr, "ticketctl: {}\n", error.what());
    return kExitTryAgain;
  }
}

}  // namespace

void declare_command_line(CLI::App& app, Invocation& invocation) {
  app.add_option("--config", invocation.config, "configuration file")->capture_default_str();
  app.add_flag("--json", invocation.json, "print JSON, for scripts");
  app.set_version_flag("--version", "ticketctl " TICKETD_VERSION);
  app.footer(
      "Exit codes: 0 done; 1 status, probe, check and preview found something; 64 unknown command or option; 65 "
      "unusable\n"
      "input, or refused; 66 there is no such ticket, message, row or mailbox; 69 the store or a server is unusable;\n"
      "75 not now, try again; 77 not permitted; 78 the configuration is wrong.");
  app.require_subcommand(1);
  add_reading_commands(app, invocation);
  add_original_commands(app, invocation);
  add_work_commands(app, invocation);
  add_answer_commands(app, invocation);
  add_mail_commands(app, invocation);
  add_address_commands(app, invocation);
  add_incident_commands(app, invocation);
  add_organization_commands(app, invocation);
  add_statistics_command(app, invocation);
  add_setup_commands(app, invocation);
  add_data_commands(app, invocation);
  add_judging_command(app, invocation, "status", "is all well? Exit code 1 when something needs a person", Access::read,
                      show_status);
  add_judging_command(app, invocation, "probe",
                      "log in to every mailbox and mail server, and send nothing; exit code 1 when one fails",
                      Access::none, probe_all);
  add_help_command(app, invocation);
}

int run_ticketctl(int argc, char** argv) {
  CLI::App app{"Works the tickets of ticketd.", "ticketctl"};
  Invocation invocation;
  declare_command_line(app, invocation);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return refuse(app, error);
  }
  guard_memory();
  return carry_out(invocation);
}

}  // namespace ticketd
