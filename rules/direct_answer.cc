#include "rules/direct_answer.h"

#include <fmt/format.h>

#include <algorithm>

#include "rules/address_key.h"
#include "rules/event_log.h"
#include "rules/response_clock.h"

namespace ticketd {

bool is_direct_answer(const MailCase& mail, const Ticket& ticket) {
  if (mail.forward || unanswerable(mail) != nullptr) return false;
  const auto is_requester = [&](const Mailbox& mailbox) {
    return is_same_address(mailbox.addr_spec, ticket.requester.addr_spec) ||
           is_same_address(mailbox.addr_spec, ticket.reply_to);
  };
  return std::ranges::any_of(mail.email.to, is_requester) || std::ranges::any_of(mail.email.cc, is_requester);
}

void keep_direct_answer(const MailCase& mail, const Thread& thread, Decision& decision) {
  auto ticket = thread.candidate->ticket;
  const bool is_shown = mail.authentication.verdict == SenderAuthentication::Verdict::passed;
  decision.messages = {message_of(mail, ticket.number, is_shown ? Direction::out : Direction::in)};
  decision.keeps_raw = true;
  if (is_shown) {
    log_event(decision, ticket.number, mail.now, mail.staff->name, "reply_sent",
              fmt::format("{} answered the customer directly.", mail.staff->name));
    ticket.taken = ticket.taken || ticket.assignee == mail.staff->name;
    if (auto words = give_response(ticket, mail.reported_at); !words.empty())
      log_event(decision, ticket.number, mail.now, mail.staff->name, "response_given", std::move(words));
  } else {
    log_event(
        decision, ticket.number, mail.now, actor_of(mail), "sender_unverified",
        "It went to the customer directly. It is kept, and counts as no answer, for nothing shows that its sender "
        "is staff.");
  }
  decision.ticket = std::move(ticket);
}

}  // namespace ticketd
