#include <catch2/catch.hpp>

#include "tests/rules/mail_samples.h"

namespace ticketd {

using namespace std::chrono_literals;

namespace {

const std::string kFax = "Re: [SUP-17] Fax prints blank pages";

StaffMember colleague(const std::string& name, const std::string& role) {
  StaffMember member;
  member.name = name;
  member.email = name + "@example.com";
  member.roles = {role};
  for (unsigned day = 0; day < 7; ++day) member.available.push_back({std::chrono::weekday{day}, 0h, 24h});
  return member;
}

/// Jane answers a mail about ticket 17; eva is an engineer, duke duty staff.
DeskCase staffed_case(TicketStatus status, Priority priority, const std::string& subject = kFax) {
  auto ticket = ticket_17();
  ticket.status = status;
  ticket.priority = priority;
  ticket.labelled = true;
  if (status == TicketStatus::resolved) ticket.resolved_at = tuesday_ten() - 1h;
  if (status == TicketStatus::closed) ticket.closed_at = tuesday_ten() - 1h;
  auto desk = reply_case(subject, ticket);
  desk.ruleset.staff = {colleague("eva", "engineer"), colleague("duke", "duty")};
  return desk;
}

/// The first sentence of each piece of news that staff hear; "!" where somebody is paged.
std::string told(const Decision& decision) {
  std::string words;
  for (const auto& event : decision.events)
    if (event.kind == "staff_told" || event.kind == "staff_paged")
      words += (words.empty() ? "" : " | ") + event.detail.substr(0, event.detail.find('.')) +
               (event.kind == "staff_paged" ? "!" : "");
  return words;
}

void by_night(DeskCase& desk) {
  desk.now = desk.arrived.internal_date = tuesday_ten() + 10h;
  desk.context.candidates[0].ticket.response_due_at = desk.now + 1h;
}
void of_eve(DeskCase& desk) { desk.email.from = Mailbox{"Eve", "eve@other.example"}; }
void as_spam(DeskCase& desk) { desk.add_field("X-Spam-Flag", "YES"); }
void by_machine(DeskCase& desk) { desk.add_field("Auto-Submitted", "auto-replied"); }
void as_blocked(DeskCase& desk) { desk.context.blocked_by = TicketId{3}; }
void as_backlog(DeskCase& desk) { desk.arrived.silent = true; }
void by_tag(DeskCase& desk) {
  desk.context.candidates[0].via = Candidate::Via::tag;
  desk.context.candidates[0].answers_us = false;
}
void unanswered(DeskCase& desk) { desk.context.candidates[0].ticket.responded_at.reset(); }
void without_update(DeskCase& desk) { desk.ruleset.high.update.reset(); }

}  // namespace

TEST_CASE("What staff hear of a mail on a ticket that exists") {
  struct Case {
    const char* name;
    TicketStatus status;
    Priority priority;
    std::string subject;
    std::vector<void (*)(DeskCase&)> changes;
    const char* told;
  };
  using enum TicketStatus;
  const std::string urgent = "Urgent: " + kFax;
  const std::string stranger = "Somebody who takes no part in the ticket wrote";
  const Case cases[] = {
      {"the customer", open, Priority::urgent, kFax, {}, "The customer wrote again!"},
      {"the customer, resolved", resolved, Priority::urgent, kFax, {}, "The ticket is open again!"},
      {"a raise refused", open, Priority::normal, urgent, {}, "The customer asked for a higher category in vain"},
      {"a raise refused, reopened",
       resolved,
       Priority::normal,
       urgent,
       {},
       "The ticket is open again | The customer asked for a higher category in vain"},
      {"a raise refused, reopened at night",
       resolved,
       Priority::normal,
       urgent,
       {by_night},
       "The ticket is open again | The customer asked for a higher category in vain!"},
      {"spam", open, Priority::urgent, kFax, {as_spam}, ""},
      {"spam that reopens", resolved, Priority::urgent, kFax, {as_spam}, "The ticket is open again"},
      {"a stranger", open, Priority::urgent, kFax, {of_eve}, "Somebody who takes no part in the ticket wrote!"},
      {"a stranger, resolved", resolved, Priority::urgent, kFax, {of_eve}, stranger.c_str()},
      {"a stranger, closed", closed, Priority::urgent, kFax, {of_eve}, stranger.c_str()},
      {"a stranger, closed, at night", closed, Priority::urgent, kFax, {of_eve, by_night}, stranger.c_str()},
  };
  for (const auto& c : cases) {
    INFO(c.name);
    auto desk = staffed_case(c.status, c.priority, c.subject);
    for (const auto& change : c.changes) change(desk);
    CHECK(told(desk.decide_all()) == c.told);
  }
}

TEST_CASE("Whose further mail owes an answer within priority.*.update") {
  struct Case {
    const char* name;
    TicketStatus status;
    std::vector<void (*)(DeskCase&)> changes;
    bool owes;
  };
  using enum TicketStatus;
  const Case cases[] = {
      {"the customer's", open, {}, true},
      {"one before any answer", open, {unanswered}, false},
      {"one that reopens", resolved, {}, false},
      {"spam", open, {as_spam}, false},
      {"an automatic answer", open, {by_machine}, false},
      {"a stranger's", open, {of_eve}, false},
      {"one that shows no more than the tag", open, {by_tag}, false},
      {"a customer's whose mail counts as spam", open, {as_blocked}, false},
      {"one that is older than the desk", open, {as_backlog}, false},
      {"where it is off", open, {without_update}, false},
  };
  for (const auto& c : cases) {
    INFO(c.name);
    auto desk = staffed_case(c.status, Priority::high);
    desk.ruleset.high.update = 1h;
    auto& ticket = desk.context.candidates[0].ticket;
    ticket.response_due_at = tuesday_ten() - 2h;
    ticket.responded_at = tuesday_ten() - 3h;
    for (const auto& change : c.changes) change(desk);
    const auto decision = desk.decide_all();
    CHECK(has_event(decision, "update_owed") == c.owes);
    CHECK(decision.ticket->owes_update == c.owes);
    if (!c.owes) continue;
    CHECK(event_detail(decision, "update_owed") ==
          "The customer has written again, and an answer is due 2026-11-24 11:00 (UTC).");
    CHECK(decision.ticket->response_due_at == tuesday_ten() + 1h);
    CHECK_FALSE(decision.ticket->responded_at);
  }
}

TEST_CASE("An Urgent ticket whose further mail owes an answer is paged for until somebody has it") {
  auto desk = staffed_case(TicketStatus::open, Priority::urgent);
  desk.ruleset.urgent.update = 30min;
  auto& ticket = desk.context.candidates[0].ticket;
  ticket.responded_at = tuesday_ten() - 3h;
  const auto decision = desk.decide_all();
  CHECK(decision.ticket->notices.paged_at == desk.now);
  CHECK(decision.ticket->check_at == desk.now + desk.ruleset.page_repeat);
}

TEST_CASE("What waits for the morning says when it happened") {
  auto desk = staffed_case(TicketStatus::closed, Priority::urgent);
  of_eve(desk);
  by_night(desk);
  const auto decision = desk.decide_all();
  REQUIRE(decision.digest.size() == 1);
  CHECK(decision.digest[0].event == StaffEvent::stranger_wrote);
  CHECK(decision.digest[0].since == desk.now);
}

}  // namespace ticketd
