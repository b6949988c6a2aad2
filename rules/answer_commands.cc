// What staff say to the customer.
#include <fmt/format.h>

#include "parsers/ascii.h"
#include "parsers/printable.h"
#include "rules/calendar.h"
#include "rules/classify.h"
#include "rules/command_case.h"
#include "rules/compose.h"
#include "rules/mail_values.h"
#include "rules/response_clock.h"
#include "rules/time_words.h"
#include "rules/when.h"

namespace ticketd {
namespace {

/// Why the requester gets no mail; empty when he gets it.
std::string silence(const CommandCase& command) {
  const auto& barred = command.context.undeliverable;
  return barred ? fmt::format("The customer is not told, for mail to {} came back: {}", printable_line(barred->address),
                              printable_line(barred->reason))
                : std::string();
}

void note_silence(const CommandCase& command, const Ticket& ticket, Decision& decision) {
  if (auto words = silence(command); !words.empty())
    log_action(command, decision, ticket.number, "mail_impossible", std::move(words));
}

/// What is kept from the customer is no answer.
void note_response(const CommandCase& command, Ticket& ticket, Decision& decision) {
  if (command.context.undeliverable) return;
  if (auto words = give_response(ticket, command.now); !words.empty())
    log_action(command, decision, ticket.number, "response_given", std::move(words));
}

/// The requester at the address for answers, and the other participants as copies (service-rules §9); whoever became
/// staff since is none any more.
void address(const CommandCase& command, const Ticket& ticket, MailDraft& draft) {
  draft.to = {{ticket.requester.display_name, ticket.reply_to}};
  if (!command.ruleset.support.copy_participants) return;
  for (const auto& participant : command.context.participants) {
    const bool is_requester =
        participant == to_lower(ticket.requester.addr_spec) || participant == to_lower(ticket.reply_to);
    const bool is_inside = is_support_address(participant, command.ruleset) || find_staff(participant, command.ruleset);
    if (!is_requester && !is_inside && is_envelope_address(participant)) draft.cc.push_back({"", participant});
  }
}

/// What a mail to the customer says, and in whose words.
struct MailContent {
  OutboxKind kind = OutboxKind::reply;
  std::string_view file;
  TemplateValues values;
  bool automatic = false;  ///< nobody wrote a word of it
  std::vector<OutgoingFile> files = {};
};

MailContent content_of(const CommandCase& command, const Ticket& ticket, OutboxKind kind, std::string_view file,
                       std::string_view text) {
  MailContent words{kind, file, ticket_values(ticket, command.ruleset, command.now), text.empty()};
  add_person_values(words.values, text, command.actor.staff != nullptr ? command.actor.staff->name : "");
  return words;
}

/// The mail, and the same words in the conversation.
void send(const CommandCase& command, const Ticket& ticket, const MailContent& words, Decision& decision) {
  auto text = command.templates.render(words.file, words.values, languages_of(ticket, command.ruleset));

  MailDraft draft;
  draft.kind = words.kind;
  draft.ticket = ticket.number;
  address(command, ticket, draft);
  draft.subject = std::move(text.subject);
  draft.body = std::move(text.body);
  draft.files = words.files;
  draft.references = command.context.thread_message_ids;
  if (!draft.references.empty()) draft.in_reply_to = draft.references.back();
  draft.automatic = words.automatic;
  draft.language = draft.automatic ? std::move(text.language) : std::string();
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

std::string silence_in_words(const Ruleset& ruleset) {
  return fmt::format("Closed: nobody has written for {} since it was resolved{}.", humane_duration(ruleset.close_after),
                     ever_opens(ruleset) ? ", days on which the office is closed not counted" : "");
}

}  // namespace

CommandResult decide_resolve(const CommandCase& command, const ResolveCommand& words) {
  auto ticket = *command.context.ticket;
  if (ticket.status == TicketStatus::resolved || ticket.status == TicketStatus::closed)
    return unusable(fmt::format("Ticket {} is {} already.", number_of(ticket), name_of(ticket.status)));
  auto decision = change_of(ticket, fmt::format("Resolved by {}.{}", name_of_actor(command.actor),
                                                command.context.undeliverable ? " The customer was not told." : ""));
  log_action(command, decision, ticket.number, "ticket_resolved", decision.reason);
  if (is_envelope_address(ticket.reply_to)) {
    note_response(command, ticket, decision);
    note_silence(command, ticket, decision);
    auto mail = content_of(command, ticket, OutboxKind::resolution, "resolution.txt", trim(words.text));
    add_closing_values(mail.values, command.ruleset);
    mail.files = words.files;
    send(command, ticket, mail, decision);
  } else {
    // Nobody can be told, and nobody waits for an answer any more.
    if (ticket.response_due_at && !ticket.responded_at) ticket.responded_at = command.now;
    log_action(command, decision, ticket.number, "mail_impossible",
               "The requester has no address that can be written to.");
  }
  ticket.status = TicketStatus::resolved;
  ticket.resolved_at = command.now;
  decision.ticket = std::move(ticket);
  return decision;
}

CommandResult decide_reply(const CommandCase& command, const ReplyCommand& words) {
  auto ticket = *command.context.ticket;
  const auto text = trim(words.text);
  if (text.empty()) return unusable("An answer needs a text.");
  if (!is_envelope_address(ticket.reply_to))
    return unusable(
        fmt::format("The requester of ticket {} has no address that can be written to.", number_of(ticket)));
  if (words.resolve) return decide_resolve(command, ResolveCommand{std::string(text), words.files});
  const bool is_barred = command.context.undeliverable.has_value();
  auto decision = change_of(
      ticket, fmt::format("{} by {}.", is_barred ? "An answer was written" : "Answered", name_of_actor(command.actor)));
  log_action(command, decision, ticket.number, is_barred ? "reply_withheld" : "reply_sent", decision.reason);
  note_response(command, ticket, decision);
  note_silence(command, ticket, decision);
  auto mail = content_of(command, ticket, OutboxKind::reply, "reply.txt", text);
  mail.files = words.files;
  send(command, ticket, mail, decision);
  decision.ticket = std::move(ticket);
  return decision;
}

/// Silent, unless the admin has written a text for it.
CommandResult decide_close(const CommandCase& command, const CloseCommand& words) {
  auto ticket = *command.context.ticket;
  if (ticket.status == TicketStatus::closed)
    return unusable(fmt::format("Ticket {} is closed already.", number_of(ticket)));
  const bool is_unanswered = owes_response(ticket) || ticket.clock_suspended;
  auto decision = change_of(ticket, words.after_silence ? silence_in_words(command.ruleset)
                                                        : fmt::format("Closed by {}.", name_of_actor(command.actor)));
  ticket.status = TicketStatus::closed;
  ticket.closed_at = command.now;
  const bool tells = command.templates.has("closed.txt", languages_of(ticket, command.ruleset)) &&
                     is_envelope_address(ticket.reply_to) && !command.context.undeliverable;
  log_action(command, decision, ticket.number, "ticket_closed",
             fmt::format("{}{}{}", decision.reason, is_unanswered ? " The customer had not been answered." : "",
                         tells ? "" : " The customer is told nothing."));
  if (tells) {
    auto mail = content_of(command, ticket, OutboxKind::closed, "closed.txt", {});
    add_closing_values(mail.values, command.ruleset);
    send(command, ticket, mail, decision);
  }
  decision.ticket = std::move(ticket);
  return decision;
}

CommandResult decide_estimate(const CommandCase& command, const EstimateCommand& words) {
  auto ticket = *command.context.ticket;
  if (ticket.status == TicketStatus::resolved || ticket.status == TicketStatus::closed)
    return unusable(
        fmt::format("Ticket {} is {}: there is nothing to wait for.", number_of(ticket), name_of(ticket.status)));
  const auto at = parse_later_time(words.when, command.now, command.ruleset);
  if (!at)
    return unusable(
        fmt::format("\"{}\" is no later time; write 90m, 2h, 3d, 14:30, \"2026-12-01 14:30\" or "
                    "2026-12-01T14:30:00Z.",
                    printable_line(words.when)));
  auto decision =
      change_of(ticket, fmt::format("Expected to be resolved by {}.", dated_local_time(*at, command.ruleset)));
  log_action(command, decision, ticket.number, "estimate_given", decision.reason);
  ticket.estimate_at = *at;
  ticket.notices.estimate_passed_at.reset();
  if (is_envelope_address(ticket.reply_to)) {
    note_response(command, ticket, decision);
    note_silence(command, ticket, decision);
    auto mail = content_of(command, ticket, OutboxKind::update, "estimate.txt", {});
    add_estimate_values(mail.values, *at, command.ruleset, command.now);
    send(command, ticket, mail, decision);
  } else {
    log_action(command, decision, ticket.number, "mail_impossible",
               "The requester has no address that can be written to.");
  }
  decision.ticket = std::move(ticket);
  return decision;
}

}  // namespace ticketd
