#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "rules/classify.h"
#include "rules/compose.h"
#include "rules/decide.h"
#include "rules/mail_facts.h"
#include "tests/rules/desk_samples.h"

namespace ticketd {

/// A mail of a customer, in values.
inline Email customer_mail(const std::string& subject = "Fax prints blank pages") {
  Email email;
  email.from = Mailbox{"Jane Doe", "jane@acme.example"};
  email.to = {{"Support", "support@example.com"}};
  email.subject = subject;
  email.message_id = "m1@acme.example";
  email.text = "Since this morning.\n";
  email.header = {{"From", "Jane Doe <jane@acme.example>"}};
  email.media_type = "text/plain";
  return email;
}

inline ArrivedMail arrived_at(Time at) {
  ArrivedMail arrived;
  arrived.mailbox = "support";
  arrived.internal_date = at;
  arrived.first_contact = at - std::chrono::days{30};
  return arrived;
}

/// A decision without what staff are told, for the tests of what a customer sees.
inline Decision for_customer(Decision decision, const Ruleset& ruleset) {
  std::erase_if(decision.outgoing, [&](const OutgoingMail& mail) {
    return std::ranges::all_of(mail.recipients, [&](const auto& to) { return find_staff(to, ruleset) != nullptr; });
  });
  std::erase_if(decision.events,
                [](const Event& event) { return event.kind == "staff_told" || event.kind == "staff_paged"; });
  std::erase_if(decision.reasons, [](const std::string& reason) { return reason.starts_with("Staff: "); });
  return decision;
}

/// One decision of a desk, with everything it depends on at hand to be changed.
struct DeskCase {
  Email email = customer_mail();
  ArrivedMail arrived = arrived_at(tuesday_ten());
  TicketContext context{.next_number = TicketId{200},
                        .is_ours = false,
                        .known = {},
                        .candidates = {},
                        .automatic_answers_to_sender = 0,
                        .tickets_of_sender = 0,
                        .downgraded_until = {}};
  Ruleset ruleset = sample_ruleset();
  Templates templates;
  Time now = tuesday_ten();

  /// What concerns the customer: without mails to staff and the words about them.
  [[nodiscard]] Decision decide() const { return for_customer(decide_all(), ruleset); }
  [[nodiscard]] Decision decide_all() const {
    int calls = 0;
    const TokenSource tokens = [&] { return fmt::format("{:032x}", ++calls); };
    auto decision = decide_mail(find_facts(email, arrived, ruleset), context, templates, now, tokens);
    std::ranges::for_each(decision.outgoing, write_out);
    return decision;
  }
  [[nodiscard]] ContextQuery query() const { return lookup_for(find_facts(email, arrived, ruleset), now); }
  void add_field(const std::string& name, const std::string& value) { email.header.push_back({name, value}); }
};

/// Ticket 17 of Jane at Acme, unlabelled and new, reported an hour before `tuesday_ten`.
inline Ticket ticket_17() {
  using namespace std::chrono_literals;
  Ticket ticket;
  ticket.number = TicketId{17};
  ticket.subject = "Fax prints blank pages";
  ticket.requester = {"Jane Doe", "jane@acme.example"};
  ticket.reply_to = "jane@acme.example";
  ticket.organization = "Acme";
  ticket.reported_at = ticket.clock_from = tuesday_ten() - 1h;
  ticket.response_due_at = tuesday_ten() + 3h;
  return ticket;
}

inline Candidate candidate_17(Candidate::Via via, const Ticket& ticket = ticket_17()) {
  Candidate candidate;
  candidate.via = via;
  candidate.ticket = ticket;
  candidate.participants = {"jane@acme.example", "bob@partner.example"};
  return candidate;
}

/// A reply to an acknowledgement of ticket 17.
inline DeskCase reply_case(const std::string& subject = "Re: [SUP-17] Fax prints blank pages",
                           const Ticket& ticket = ticket_17()) {
  DeskCase desk;
  desk.email = customer_mail(subject);
  desk.email.message_id = "m2@acme.example";
  desk.email.in_reply_to = {"ours@example.com"};
  desk.context.candidates = {candidate_17(Candidate::Via::our_message_id, ticket)};
  desk.context.candidates[0].answers_us = true;
  return desk;
}

inline bool has_event(const Decision& decision, const std::string& kind) {
  return std::ranges::any_of(decision.events, [&](const Event& event) { return event.kind == kind; });
}

inline std::string event_detail(const Decision& decision, const std::string& kind) {
  for (const auto& event : decision.events)
    if (event.kind == kind) return event.detail;
  return {};
}

}  // namespace ticketd
