#include <fmt/format.h>

#include <algorithm>

#include "parsers/ascii.h"
#include "parsers/printable.h"
#include "parsers/subject.h"
#include "rules/acknowledgement.h"
#include "rules/calendar.h"
#include "rules/classify.h"
#include "rules/compose.h"
#include "rules/decide.h"
#include "rules/event_log.h"
#include "rules/grant.h"
#include "rules/mail_encoder.h"
#include "rules/mail_values.h"

namespace ticketd {
namespace {

using CommandResult = std::variant<Decision, Refusal>;

/// A command with all that it depends on; refers to the arguments of `decide_command`.
struct CommandCase {
  const CommandContext& context;
  const Actor& actor;
  const Ruleset& ruleset;
  const Templates& templates;
  Time now{};
  const TokenSource& tokens;
};

Refusal unusable(std::string reason) { return {Refusal::Kind::unusable, std::move(reason)}; }

std::string number_of(const Ticket& ticket) { return shown_number(ticket.number); }

std::string name_of_actor(const Actor& actor) {
  return printable_line(actor.staff != nullptr ? actor.staff->name : actor.name);
}

void log(const CommandCase& command, Decision& decision, TicketId ticket, std::string_view kind, std::string detail) {
  log_event(decision, ticket, command.now, name_of_actor(command.actor), kind, std::move(detail));
}

Decision change_of(const Ticket& ticket, std::string reason) {
  Decision decision;
  decision.outcome = Outcome::staff;
  decision.reason = std::move(reason);
  decision.ticket = ticket;
  decision.channel = ticket.channel;
  decision.organization = ticket.organization;
  decision.requested_priority = ticket.requested_priority;
  return decision;
}

/// The first message of a person to the customer stops the response clock (service-rules §1).
void note_response(const CommandCase& command, Ticket& ticket, Decision& decision) {
  if (ticket.responded_at) return;
  ticket.responded_at = command.now;
  if (ticket.status == TicketStatus::new_) ticket.status = TicketStatus::open;
  if (!ticket.response_due_at) return;
  const bool is_late = command.now > *ticket.response_due_at;
  const Duration distance = is_late ? command.now - *ticket.response_due_at : *ticket.response_due_at - command.now;
  log(command, decision, ticket.number, "response_given",
      fmt::format("First answer by a person, {} {} it was due.", humane_duration(distance),
                  is_late ? "after" : "before"));
}

/// The requester at the address for answers, and the other participants as copies (service-rules §9).
void address(const CommandCase& command, const Ticket& ticket, MailDraft& draft) {
  draft.to = {{ticket.requester.display_name, ticket.reply_to}};
  if (!command.ruleset.support.copy_participants) return;
  for (const auto& participant : command.context.participants) {
    const bool is_requester =
        participant == to_lower(ticket.requester.addr_spec) || participant == to_lower(ticket.reply_to);
    if (!is_requester && is_envelope_address(participant) && !is_support_address(participant, command.ruleset))
      draft.cc.push_back({"", participant});
  }
}

/// What staff say to the customer: the mail, and the same words in the conversation.
void send(const CommandCase& command, const Ticket& ticket, OutboxKind kind, std::string_view text,
          Decision& decision) {
  auto values = ticket_values(ticket, command.ruleset, command.now);
  add_person_values(values, text, command.actor.staff != nullptr ? command.actor.staff->name : "");
  if (kind == OutboxKind::resolution) add_closing_values(values, command.ruleset);
  auto words = command.templates.render(kind == OutboxKind::resolution ? "resolution.txt" : "reply.txt", values);

  MailDraft draft;
  draft.kind = kind;
  draft.ticket = ticket.number;
  address(command, ticket, draft);
  draft.subject = std::move(words.subject);
  draft.body = std::move(words.body);
  draft.references = command.context.thread_message_ids;
  if (!draft.references.empty()) draft.in_reply_to = draft.references.back();
  draft.automatic = text.empty();
  if (!draft.automatic) draft.language.clear();
  auto mail = compose_mail(draft, command.ruleset, command.now, command.tokens());

  Message message;
  message.ticket = ticket.number;
  message.direction = Direction::out;
  message.at = command.now;
  message.from = {name_of_actor(command.actor), command.ruleset.support.address};
  message.to = draft.to;
  message.cc = draft.cc;
  message.subject = draft.subject;
  message.message_id = mail.message_id;
  message.text = draft.body;
  decision.messages.push_back(std::move(message));
  decision.outgoing.push_back(std::move(mail));
}

CommandResult resolve(const CommandCase& command, std::string_view text) {
  auto ticket = *command.context.ticket;
  if (ticket.status == TicketStatus::resolved || ticket.status == TicketStatus::closed)
    return unusable(fmt::format("Ticket {} is {} already.", number_of(ticket), name_of(ticket.status)));
  auto decision = change_of(ticket, fmt::format("Resolved by {}.", name_of_actor(command.actor)));
  log(command, decision, ticket.number, "ticket_resolved", decision.reason);
  if (is_envelope_address(ticket.reply_to)) {
    note_response(command, ticket, decision);
    send(command, ticket, OutboxKind::resolution, trim(text), decision);
  } else {
    // Nobody can be told, and nobody waits for an answer any more.
    if (ticket.response_due_at && !ticket.responded_at) ticket.responded_at = command.now;
    log(command, decision, ticket.number, "mail_impossible", "The requester has no address that can be written to.");
  }
  ticket.status = TicketStatus::resolved;
  ticket.resolved_at = command.now;
  decision.ticket = std::move(ticket);
  return decision;
}

CommandResult reply(const CommandCase& command, const ReplyCommand& words) {
  auto ticket = *command.context.ticket;
  const auto text = trim(words.text);
  if (text.empty()) return unusable("An answer needs a text.");
  if (!is_envelope_address(ticket.reply_to))
    return unusable(
        fmt::format("The requester of ticket {} has no address that can be written to.", number_of(ticket)));
  if (words.resolve) return resolve(command, text);
  auto decision = change_of(ticket, fmt::format("Answered by {}.", name_of_actor(command.actor)));
  log(command, decision, ticket.number, "reply_sent", decision.reason);
  note_response(command, ticket, decision);
  send(command, ticket, OutboxKind::reply, text, decision);
  decision.ticket = std::move(ticket);
  return decision;
}

CommandResult take(const CommandCase& command) {
  auto ticket = *command.context.ticket;
  const auto* staff = command.actor.staff;
  if (staff == nullptr)
    return Refusal{Refusal::Kind::not_permitted,
                   fmt::format("\"{}\" is the login of no [[staff]] member, so nobody can be given the ticket; add "
                               "login = \"{}\" to one in the configuration.",
                               printable_line(command.actor.name), printable_line(command.actor.name))};
  if (ticket.status == TicketStatus::closed) return unusable(fmt::format("Ticket {} is closed.", number_of(ticket)));
  auto decision = change_of(ticket, fmt::format("Taken by {}.", staff->name));
  if (ticket.assignee == staff->name && ticket.status != TicketStatus::new_) return decision;
  const auto before = ticket.assignee.empty() || ticket.assignee == staff->name
                          ? std::string()
                          : fmt::format(" It was with {} before.", ticket.assignee);
  log(command, decision, ticket.number, "ticket_taken", decision.reason + before);
  ticket.assignee = staff->name;
  if (ticket.status == TicketStatus::new_) ticket.status = TicketStatus::open;
  decision.ticket = std::move(ticket);
  return decision;
}

Claim claim_of(const CommandCase& command, const NewCommand& report, const std::string& organization) {
  return {find_subject_label(report.subject, command.ruleset), report.channel, organization,
          command.context.downgraded_until, nullptr};
}

Ticket reported_ticket(const CommandCase& command, const NewCommand& report, const Grant& grant, const Claim& claim) {
  Ticket ticket;
  ticket.number = command.context.next_number;
  ticket.subject = header_line(base_subject(report.subject, command.ruleset.support.subject_tag));
  ticket.priority = grant.priority;
  if (claim.label) ticket.requested_priority = claim.label->priority;
  ticket.labelled = claim.label.has_value();
  ticket.channel = report.channel;
  ticket.requester = {header_line(report.from.display_name), header_line(report.from.addr_spec)};
  if (!is_support_address(ticket.requester.addr_spec, command.ruleset)) ticket.reply_to = ticket.requester.addr_spec;
  ticket.organization = claim.organization;
  ticket.reported_at = ticket.clock_from = command.now;
  ticket.response_due_at = response_due(command.now, grant.priority, command.ruleset);
  return ticket;
}

Message reported_message(const CommandCase& command, const NewCommand& report, const Ticket& ticket) {
  Message message;
  message.ticket = ticket.number;
  message.at = command.now;
  message.from = ticket.requester;
  message.to = {{command.ruleset.support.name, command.ruleset.support.address}};
  message.subject = header_line(report.subject);
  message.text = report.text;
  return message;
}

/// Not by text message: an answer there costs the caller and says little.
Answerable judge_acknowledgement(const CommandCase& command, const NewCommand& report, const Ticket& ticket) {
  const auto& address = ticket.requester.addr_spec;
  if (report.channel == Channel::sms) return {false, "No acknowledgement: the request came by text message."};
  if (!is_envelope_address(address)) return {false, "No acknowledgement: there is no address to write to."};
  if (is_support_address(address, command.ruleset))
    return {false, "No acknowledgement: the address given is the support address itself."};
  return {true, fmt::format("{} is told that the request is on record.", printable_line(address))};
}

void acknowledge(const CommandCase& command, const Ticket& ticket, const Grant& grant, const Answerable& answerable,
                 Decision& decision) {
  decision.acknowledges = answerable.is;
  decision.acknowledgement_reason = answerable.why;
  log_event(decision, ticket.number, command.now, "ticketd",
            answerable.is ? "acknowledgement_queued" : "acknowledgement_withheld", answerable.why);
  if (!answerable.is) return;
  const Acknowledged acknowledged{ticket, grant, ticket.requester.addr_spec, {}, {}};
  decision.outgoing.push_back(
      compose_acknowledgement(acknowledged, command.ruleset, command.templates, command.now, command.tokens()));
}

CommandResult open_reported(const CommandCase& command, const NewCommand& report) {
  const auto requester = header_line(report.from.addr_spec);
  if (requester.empty()) return unusable("A new ticket needs somebody who reports it: an address or a number.");
  if (header_line(report.subject).empty()) return unusable("A new ticket needs a subject.");
  const auto claim = claim_of(command, report, organization_of(requester, command.ruleset));
  const auto grant = grant_priority(claim, command.ruleset, command.now);
  const auto ticket = reported_ticket(command, report, grant, claim);
  auto decision = change_of(ticket, fmt::format("Opened ticket {}.", number_of(ticket)));
  decision.outcome = Outcome::new_ticket;
  decision.opens = true;
  decision.participants = {to_lower(requester)};
  decision.messages = {reported_message(command, report, ticket)};
  log(command, decision, ticket.number, "ticket_opened",
      fmt::format("Opened by {} for {}, channel {}.", name_of_actor(command.actor), requester,
                  channel_name(ticket.channel)));
  log_event(decision, ticket.number, command.now, "ticketd", "category_set",
            fmt::format("{}: {}", category_name(ticket.priority), grant.reason));
  acknowledge(command, ticket, grant, judge_acknowledgement(command, report, ticket), decision);
  return decision;
}

}  // namespace

std::variant<Decision, Refusal> decide_command(const StaffCommand& command, const CommandContext& context,
                                               const Actor& actor, const Ruleset& ruleset, const Templates& templates,
                                               Time now, const TokenSource& tokens) {
  const CommandCase command_case{context, actor, ruleset, templates, now, tokens};
  if (const auto* report = std::get_if<NewCommand>(&command)) return open_reported(command_case, *report);
  if (!context.ticket) return unusable("There is no such ticket.");
  if (std::holds_alternative<TakeCommand>(command)) return take(command_case);
  if (const auto* words = std::get_if<ReplyCommand>(&command)) return reply(command_case, *words);
  return resolve(command_case, std::get<ResolveCommand>(command).text);
}

}  // namespace ticketd
