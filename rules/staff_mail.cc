#include "rules/staff_mail.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "parsers/ascii.h"
#include "parsers/printable.h"
#include "rules/acknowledgement.h"
#include "rules/answered_mail.h"
#include "rules/answered_words.h"
#include "rules/command_case.h"
#include "rules/compose.h"
#include "rules/direct_answer.h"
#include "rules/event_log.h"
#include "rules/mail_values.h"
#include "rules/staff_files.h"
#include "rules/staff_notice.h"

namespace ticketd {
namespace {

/// Names that are no secret to the customer, and what he wrote or was sent.
std::vector<std::string> known_to_customer(const MailCase& mail, const Candidate& candidate) {
  const auto& ticket = candidate.ticket;
  const auto& support = mail.ruleset.support;
  auto known = candidate.texts_of_customer;
  for (const auto& words :
       {ticket.subject, fmt::format("{} {}", ticket.requester.display_name, ticket.requester.addr_spec),
        ticket.reply_to, ticket.organization, support.name, support.address, support.phone, mail.staff->name})
    known.push_back(words);
  return known;
}

/// Why the mail is not obeyed; empty when it is.
std::string distrust(const MailCase& mail, const AnsweredMail* answered) {
  if (answered == nullptr)
    return "It answers no mail that went to this very address, and to staff alone, so nothing of it is carried out or "
           "sent.";
  const bool is_checked = !mail.ruleset.authserv_id.empty();
  if (is_checked && mail.authentication.verdict != SenderAuthentication::Verdict::passed)
    return "It is not shown to come from this address, so nothing of it is carried out or sent.";
  return {};
}

/// All that the orders come to, on one ticket after another's state.
class OrderBook {
 public:
  OrderBook(const MailCase& mail, const Thread& thread);

  /// False when it can't be carried out: why() says so then, and what came before it is not to be kept.
  bool carry_out(const StaffCommand& command);
  [[nodiscard]] const std::string& why() const { return why_; }
  [[nodiscard]] Decision& decision() { return decision_; }

 private:
  const MailCase& mail_;
  CommandContext context_;
  Decision decision_;
  std::string why_;
};

OrderBook::OrderBook(const MailCase& mail, const Thread& thread) : mail_(mail) {
  context_.ticket = thread.candidate->ticket;
  context_.participants = thread.candidate->participants;
  context_.thread_message_ids = thread.candidate->message_ids;
  context_.other = mail.context.other;
  context_.incidents = mail.context.incidents;
  context_.undeliverable = thread.candidate->undeliverable;
  context_.blocked_by = thread.candidate->blocked_by;
  context_.news = mail.context.news;
  context_.record = thread.candidate->record;
  context_.downgraded_until = thread.candidate->downgraded_until;
  context_.answers.in_ticket = thread.candidate->automatic_answers;
  decision_.ticket = context_.ticket;
}

template <class T>
void append(std::vector<T>& all, std::vector<T>&& more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

/// What a step does to an organization and its tickets goes into `all`.
void take_over_standing(Decision& step, Decision& all) {
  if (step.strike) all.strike = std::move(step.strike);
  if (step.organization_standing) all.organization_standing = std::move(step.organization_standing);
  append(all.others, std::move(step.others));
}

bool OrderBook::carry_out(const StaffCommand& command) {
  const Actor actor{mail_.staff->name, mail_.staff};
  auto result = decide_command(command, context_, actor, mail_.ruleset, mail_.templates, mail_.now, mail_.tokens);
  if (auto* refusal = std::get_if<Refusal>(&result)) {
    why_ = std::move(refusal->reason);
    return false;
  }
  auto& step = std::get<Decision>(result);
  context_.ticket = decision_.ticket = step.ticket;
  if (step.absorbed) decision_.absorbed = step.absorbed;
  if (step.sender_standing) decision_.sender_standing = step.sender_standing;
  take_over_standing(step, decision_);
  for (const auto& ticket : decision_.others)
    if (context_.other && context_.other->number == ticket.number) context_.other = ticket;
  note_reason(decision_, "Command", step.reason);
  append(decision_.reasons, std::move(step.reasons));
  append(decision_.messages, std::move(step.messages));
  append(decision_.events, std::move(step.events));
  append(decision_.outgoing, std::move(step.outgoing));
  append(decision_.digest, std::move(step.digest));
  append(decision_.participants, std::move(step.participants));
  decision_.counts_for_page_limit = decision_.counts_for_page_limit || step.counts_for_page_limit;
  return true;
}

/// The commands, then what the text is for.
std::vector<StaffCommand> commands_of(const StaffOrders& orders, std::vector<OutgoingFile> files) {
  auto commands = orders.commands;
  if (orders.resolves)
    commands.emplace_back(ResolveCommand{orders.text, std::move(files)});
  else if (!orders.is_note && !orders.text.empty())
    commands.emplace_back(ReplyCommand{orders.text, false, std::move(files)});
  return commands;
}

/// Whoever wrote the mail hears why nothing was done.
void explain_to_staff(const MailCase& mail, const Ticket& ticket, const std::string& why, Decision& decision) {
  log_event(decision, ticket.number, mail.now, "ticketd", "staff_mail_refused",
            fmt::format("Nothing of it was carried out or sent: {}", why));
  note_reason(decision, "Staff mail", why);
  if (unanswerable(mail) != nullptr) return;
  auto values = ticket_values(ticket, mail.ruleset, mail.now);
  values["refusal"] = why;
  const auto token = mail.tokens();
  values["cut_line"] = cut_line_of(token);
  auto text = mail.templates.render("staff-help.txt", values);
  MailDraft draft;
  draft.kind = OutboxKind::answer;  // counted with all automatic answers: a forger gets no mail sent without end
  draft.ticket = ticket.number;
  draft.to = {{mail.staff->name, mail.staff->email}};
  draft.subject = std::move(text.subject);
  draft.body = std::move(text.body);
  draft.in_reply_to = mail.email.message_id;
  draft.references = {mail.email.message_id};
  draft.replies_to_mail = true;
  decision.outgoing.push_back(compose_mail(draft, mail.ruleset, mail.now, token));
}

void keep_as_note(const MailCase& mail, const Ticket& ticket, Decision& decision) {
  decision.messages.insert(decision.messages.begin(), message_of(mail, ticket.number, Direction::note));
  decision.keeps_raw = true;
}

/// Anybody could have written it where no server says whose it is: then it is no note of a colleague's.
void keep_distrusted(const MailCase& mail, const Thread& thread, const std::string& why, Decision& decision) {
  const auto number = thread.candidate->ticket.number;
  const bool is_shown = mail.authentication.verdict == SenderAuthentication::Verdict::passed;
  decision.messages.push_back(message_of(mail, number, is_shown ? Direction::note : Direction::in));
  decision.keeps_raw = true;
  log_event(
      decision, number, mail.now, actor_of(mail), is_shown ? "note_added" : "sender_unverified",
      fmt::format("{} {} {}", thread.reason,
                  is_shown ? "It is kept as a note." : "It is kept, but nothing shows that its sender is staff.", why));
}

/// What was carried out, in the conversation: the words that went out, with the mail that they came in; else the mail.
void keep_as_done(const MailCase& mail, const StaffOrders& orders, Decision& decision) {
  const bool is_sent = !orders.is_note && !orders.text.empty() && !decision.messages.empty() &&
                       decision.messages.back().direction == Direction::out;
  if (!is_sent) {
    keep_as_note(mail, *decision.ticket, decision);
    if (!orders.is_note) return;
    decision.messages.front().text = orders.text;
    return log_event(decision, decision.ticket->number, mail.now, mail.staff->name, "note_added",
                     fmt::format("Note by {}. Nothing was sent to the customer.", mail.staff->name));
  }
  std::rotate(decision.messages.begin(), decision.messages.end() - 1, decision.messages.end());
  decision.messages.front().attachments = mail.email.attachments;
  decision.messages.front().has_raw = true;
  decision.keeps_raw = true;
}

void obey(const MailCase& mail, const Thread& thread, const StaffOrders& orders, std::vector<OutgoingFile> files,
          Decision& decision) {
  const auto& ticket = thread.candidate->ticket;
  OrderBook book(mail, thread);
  for (const auto& command : commands_of(orders, std::move(files))) {
    if (book.carry_out(command)) continue;
    decision.ticket = ticket;
    keep_as_note(mail, ticket, decision);
    return explain_to_staff(mail, ticket, book.why(), decision);
  }
  auto& done = book.decision();
  append(decision.reasons, std::move(done.reasons));
  append(decision.events, std::move(done.events));
  append(decision.outgoing, std::move(done.outgoing));
  append(decision.digest, std::move(done.digest));
  append(decision.messages, std::move(done.messages));
  append(decision.participants, std::move(done.participants));
  take_over_standing(done, decision);
  decision.absorbed = std::move(done.absorbed);
  decision.sender_standing = std::move(done.sender_standing);
  decision.ticket = std::move(done.ticket);
  std::erase_if(decision.others, [&](const Ticket& other) {
    return other.number == decision.ticket->number || (decision.absorbed && other.number == decision.absorbed->number);
  });
  keep_as_done(mail, orders, decision);
}

}  // namespace

void work_by_mail(const MailCase& mail, const Thread& thread, Decision& decision) {
  const auto& ticket = thread.candidate->ticket;
  decision.outcome = Outcome::staff;
  decision.reason = thread.reason;
  decision.acknowledgement_reason = "Mail of staff is not acknowledged.";
  const auto* answered = answered_mail(mail);
  if (answered == nullptr && is_direct_answer(mail, ticket)) return keep_direct_answer(mail, thread, decision);
  if (const auto why = distrust(mail, answered); !why.empty()) {
    decision.ticket = ticket;
    keep_distrusted(mail, thread, why, decision);
    if (judge_automatic_answer(mail, thread.candidate).is) return explain_to_staff(mail, ticket, why, decision);
    return note_reason(decision, "Staff mail", why);
  }
  const auto refuse = [&](const std::string& why) {
    decision.ticket = ticket;
    keep_as_note(mail, ticket, decision);
    explain_to_staff(mail, ticket, why, decision);
  };
  if (mail.arrived.oversize) return refuse("It is larger than is taken, so its end and its files are not here.");
  if (mail.email.text_origin != TextOrigin::own)
    return refuse(
        "It has no text of its own. What stands in a file or a mail that is attached may be anybody's words: neither "
        "commands nor answers are taken from there.");
  const auto cut_line = cut_line_of(answered->message_id);
  const auto ours = read_answered(*answered);
  const AnsweredWords words(fmt::format("{}\n{}", ours.subject, ours.text), known_to_customer(mail, *thread.candidate));
  auto orders = read_staff_orders(mail.email.text, mail.email.subject, cut_line, words, mail.staff->name);
  if (const auto* refused = std::get_if<OrdersRefused>(&orders)) return refuse(refused->reason);
  auto files = files_of(mail, cut_line, words);
  const auto& given = std::get<StaffOrders>(orders);
  const bool sends = !given.is_note && (given.resolves || !given.text.empty());
  if (const auto* refused = std::get_if<OrdersRefused>(&files); refused != nullptr && sends)
    return refuse(refused->reason);
  auto* sent = std::get_if<std::vector<OutgoingFile>>(&files);
  obey(mail, thread, given, sent != nullptr ? std::move(*sent) : std::vector<OutgoingFile>(), decision);
}

}  // namespace ticketd
