#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include <algorithm>

#include "daemon/app/store_lock.h"
#include "daemon/config/named_files.h"
#include "daemon/ctl/commands.h"
#include "daemon/ctl/json.h"
#include "daemon/ctl/present.h"
#include "daemon/ctl/question.h"
#include "daemon/ctl/status_text.h"
#include "daemon/desk/health.h"
#include "daemon/desk/mail_work.h"
#include "daemon/desk/nudge.h"
#include "daemon/desk/open_desk.h"
#include "daemon/desk/status_line.h"
#include "parsers/printable.h"
#include "rules/compose.h"

namespace ticketd {
namespace {

std::string words_of_standstill(const CtlSession& session) {
  const bool is_system = session.config_file() == kSystemConfiguration;
  return std::string("ticketd does not run: no mail is read and none is sent") +
         (is_system ? "; start it: systemctl start ticketd" : "");
}

bool writes_to_customer(const StaffCommand& command) {
  return std::holds_alternative<ReplyCommand>(command) || std::holds_alternative<ResolveCommand>(command) ||
         std::holds_alternative<EstimateCommand>(command);
}

/// What was written to the customer does not leave: whoever wrote it has to know. Empty: it does.
std::string warning_of_silence(CtlSession& session, TicketId number) {
  const auto found = session.store().undeliverable(session.ticket(number).ticket.reply_to);
  if (!found) return {};
  const auto address = printable_line(found->address);
  return fmt::format(
      "ticketctl: nothing is sent to {}, for mail to it came back: {}\nOnce it works again: ticketctl "
      "undeliverable clear {}, then ticketctl outbox retry ID\n",
      address, printable_line(found->reason), shell_word(address));
}

/// What the command did, in the words of the ticket's log. `others`: of the ticket that went into this one.
std::string happenings(CtlSession& session, TicketId number, std::optional<TicketId> other, Time since) {
  std::vector<Event> events = session.store().events(number);
  if (other && *other != number) {
    const auto more = session.store().events(*other);
    events.insert(events.end(), more.begin(), more.end());
  }
  std::string text;
  for (const auto& event : events)
    if (event.at >= since) text += "  " + printable_line(event.detail) + "\n";
  return text;
}

/// Of these, a user asks first of all who hears of it.
bool is_quiet(const StaffCommand& command) {
  return std::holds_alternative<SpamCommand>(command) || std::holds_alternative<MergeCommand>(command);
}

bool tells_staff(CtlSession& session, TicketId number, Time since) {
  const auto events = session.store().events(number);
  return std::ranges::any_of(
      events, [since](const Event& event) { return event.at >= since && event.kind.starts_with("staff_"); });
}

CommandFailure no_such_ticket(TicketId number) {
  return {kExitNoInput, fmt::format("there is no ticket {}", shown_number(number))};
}

void carry_out(CtlSession& session, std::optional<TicketId> number, const StaffCommand& command) {
  const Time began = session.now();
  const auto result = session.desk().command(number, command, session.actor());
  if (!result) throw no_such_ticket(number.value_or(TicketId{}));
  if (const auto* refusal = std::get_if<Refusal>(&*result))
    throw CommandFailure(exit_code_of(*refusal), refusal->reason);
  const auto changed = std::get<TicketId>(*result);
  session.print_change(changed);
  if (!session.json())
    print_done([&] {
      auto text = happenings(session, changed, number, began);
      if (is_quiet(command) && !tells_staff(session, changed, began)) text += "  Nobody is mailed because of it.\n";
      return text;
    });
  if (!writes_to_customer(command)) return;
  print_done([&] {
    const auto warning = warning_of_silence(session, changed);
    fmt::print(stderr, "{}", warning);
    const auto address = session.ticket(changed).ticket.reply_to;
    if (!warning.empty() || session.json() || !is_envelope_address(address)) return std::string();
    const bool waits = !StoreLock::is_held(session.settings().store_path);
    return fmt::format("The mail about it to {} {}.\n", printable_line(address),
                       waits ? "waits until ticketd runs again" : "is on its way");
  });
}

/// "ann@example.com" or "Ann <ann@example.com>", read as the From field of a mail would be.
Mailbox address_or_fail(const std::string& text) {
  const auto read = parse_email("From: " + printable_line(text) + "\r\n\r\n");
  const auto* email = std::get_if<Email>(&read);
  if (!email || !email->from || !is_envelope_address(email->from->addr_spec))
    throw CommandFailure(kExitDataError, fmt::format("--from '{}' is no e-mail address", printable_line(text)));
  return *email->from;
}

ArrivedMail mail_from_pipe(CtlSession& session) {
  ArrivedMail arrived;
  arrived.mailbox = kPipeMailbox;
  arrived.internal_date = session.now();
  constexpr std::size_t kHardLimit = 1'000'000'000;
  arrived.octets = read_standard_input(kHardLimit);
  arrived.original_size = arrived.octets.size();
  if (arrived.octets.empty()) throw CommandFailure(kExitDataError, "standard input is empty: there is no mail");
  arrived.oversize = arrived.octets.size() > session.settings().message_size;
  return arrived;
}

/// The pipe has no folder where the original of an oversize mail could stay: it goes back, and nothing of it is lost.
void refuse_oversize(CtlSession& session, const ArrivedMail& arrived) {
  if (!arrived.oversize) return;
  throw CommandFailure(
      kExitDataError, fmt::format("the mail has {} octets, more than limits.message_size ({}) allows; it was not taken",
                                  arrived.original_size, session.settings().message_size));
}

/// As a mailbox shows it: of an oversize mail only the front is read.
void cut_oversize(ArrivedMail& arrived) {
  if (arrived.oversize) arrived.octets.resize(std::min(arrived.octets.size(), kOversizeKeep));
}

std::string decision_text(CtlSession& session, const ArrivedMail& arrived, const Decision& decision) {
  const auto read = parse_email(arrived.octets, session.desk().rules().limits);
  const auto* email = std::get_if<Email>(&read);
  return session.json() ? boost::json::serialize(decision_json(decision, email)) + "\n"
                        : present_decision(decision, email, session.style());
}

/// Whom the mail about it really goes to: the decision itself says it, and nothing goes where mail comes back from.
std::vector<std::string> addressees_of_resolution(CtlSession& session, TicketId number) {
  const auto& rules = session.desk().rules();
  const auto context = session.store().load_command_context(number, "");
  const auto decided = decide_command(ResolveCommand{}, context, session.actor(), rules.ruleset, rules.templates,
                                      session.now(), random_token);
  std::vector<std::string> addressees;
  if (const auto* decision = std::get_if<Decision>(&decided))
    for (const auto& mail : decision->outgoing)
      if (mail.kind == OutboxKind::resolution)
        addressees.insert(addressees.end(), mail.recipients.begin(), mail.recipients.end());
  std::erase_if(addressees,
                [&](const std::string& address) { return session.store().undeliverable(address).has_value(); });
  return addressees;
}

std::string resolution_notice(std::span<const std::string> addressees) {
  const auto first = printable_line(addressees.front());
  const auto copied = addressees.subspan(1);
  const auto others = copied.empty() ? std::string()
                                     : fmt::format("; so {} {}", copied.size() == 1 ? "does" : "do",
                                                   printable_line(fmt::format("{}", fmt::join(copied, ", "))));
  return fmt::format(
      "{} gets a mail, in the desk's own words, that it is resolved, and is asked to test{}. Words of yours: --message "
      "TEXT\n",
      first, others);
}

std::string outbox_row_text(CtlSession& session, std::int64_t id) {
  const auto row = session.store().outgoing(id);
  if (!row) return session.json() ? "null\n" : fmt::format("mail {} was dropped meanwhile\n", id);
  return session.json() ? boost::json::serialize(outbox_json(*row)) + "\n"
                        : present_outbox({&*row, 1}, session.now(), session.style());
}

}  // namespace

ExitCode exit_code_of(const Refusal& refusal) {
  switch (refusal.kind) {
    case Refusal::Kind::not_permitted:
      return kExitNoPermission;
    case Refusal::Kind::no_such_ticket:
      return kExitNoInput;
    case Refusal::Kind::unusable:
      return kExitDataError;
  }
  return kExitDataError;
}

void open_ticket(CtlSession& session, const NewOptions& options) {
  const auto channel = channel_from_name(options.channel);
  if (!channel) refuse_value("--channel", options.channel, "phone, sms, direct, portal");
  const auto text = options.message ? read_message(options.message) : std::string();
  NewCommand command{address_or_fail(options.from), options.subject, text, *channel};
  carry_out(session, std::nullopt, command);
}

void change_ticket(CtlSession& session, std::int64_t number, const StaffCommand& command) {
  carry_out(session, TicketId{number}, command);
}

void confirm_resolution(CtlSession& session, std::int64_t number) {
  const auto ticket = session.ticket(TicketId{number}).ticket;
  if (!can_ask(session)) return;
  const auto addressees = addressees_of_resolution(session, ticket.number);
  if (addressees.empty()) return;
  fmt::print(stderr, "{}\n{}", printable_line(fmt::format("{}  {}", shown_number(ticket.number), ticket.subject)),
             resolution_notice(addressees));
  if (!says_yes("Send it?")) throw CommandFailure(kExitDataError, "nothing is sent or changed");
}

std::string message_for(CtlSession& session, std::int64_t number, const std::optional<std::string>& argument) {
  if (!session.store().ticket(TicketId{number})) throw no_such_ticket(TicketId{number});
  return read_message(argument);
}

void prioritize_ticket(CtlSession& session, std::int64_t number, const std::string& priority, const std::string& reason,
                       bool strikes) {
  change_ticket(session, number, PrioritizeCommand{read_priority("PRIORITY", priority), reason, strikes});
}

void ingest_mail(CtlSession& session) {
  const auto arrived = mail_from_pipe(session);
  refuse_oversize(session, arrived);
  const auto decision = session.desk().ingest(arrived);
  nudge_daemon();
  print_done([&] { return decision_text(session, arrived, decision); });
}

void explain_mail(CtlSession& session) {
  auto arrived = mail_from_pipe(session);
  cut_oversize(arrived);
  print(decision_text(session, arrived, session.desk().explain(arrived)));
}

void retry_outgoing_mail(CtlSession& session, std::int64_t id) {
  if (!session.store().retry_outbox(id, session.now()))
    throw CommandFailure(kExitNoInput, fmt::format("the outbox has no mail {} that waits, failed or is uncertain", id));
  nudge_daemon();
  print_done([&] { return outbox_row_text(session, id); });
}

void drop_outgoing_mail(CtlSession& session, std::int64_t id) {
  const auto row = session.store().outgoing(id);
  if (!row || !session.store().drop_outbox(id))
    throw CommandFailure(kExitNoInput,
                         fmt::format("the outbox has no mail {} that could be dropped (sent ones stay on record)", id));
  print_done([&] {
    return session.json() ? boost::json::serialize(outbox_json(*row)) + "\n" : fmt::format("mail {} is dropped\n", id);
  });
}

ExitCode show_status(CtlSession& session) {
  const auto health = session.store().mailbox_health();
  const auto counts = load_counts(session.store(), session.settings().ruleset, session.now());
  const auto& settings = session.settings();
  auto problems = find_problems(settings, health, session.store().leases(), counts, session.now());
  std::vector<std::string> hindrances;
  if (StoreLock::is_held(settings.store_path))
    hindrances = hindrance_texts(problems, find_hindrances(settings, health, counts), settings, session.now());
  else
    problems.insert(problems.begin(), {"daemon", words_of_standstill(session), {}});  // and nothing is tried again
  print(session.json() ? boost::json::serialize(status_json(problems, hindrances, health, counts)) + "\n"
                       : present_status(problems, hindrances, health, counts, session.now(), session.style()));
  return problems.empty() ? kExitOk : kExitProblem;
}

ExitCode probe_all(CtlSession& session) {
  for (const auto& warning : unreadable_files(session.settings(), session.config_file()))
    fmt::print(stderr, "{}\n", warning);
  const auto probes = probe_servers(session.settings(), [&session]() -> Store& { return session.open_store(); });
  if (session.json()) {
    boost::json::array array;
    for (const auto& probe : probes) array.push_back(probe_json(probe));
    print(boost::json::serialize(array) + "\n");
  } else {
    print(present_probes(probes, session.style()));
  }
  return std::ranges::all_of(probes, &std::string::empty, &Probe::error) ? kExitOk : kExitProblem;
}

}  // namespace ticketd
