#include <catch2/catch.hpp>

#include "tests/rules/incident_samples.h"

namespace ticketd {
namespace {

/// Ticket 17, whose incident 3 is over.
struct SettlingDesk : CommandDesk {
  Incident incident = context.incidents[0];

  SettlingDesk() {
    context.incidents.clear();
    context.answers.in_ticket = {0, 0};
    incident.text = "The carrier has repaired it.";
  }
  [[nodiscard]] Decision settle(std::string_view hindrance = {}) const {
    const TokenSource tokens = [] { return std::string(32, 'f'); };
    return decide_incident_over(context, incident, hindrance, ruleset, templates, tuesday_ten(), tokens);
  }
};

std::size_t incident_mails(const Decision& decision) {
  return static_cast<std::size_t>(std::ranges::count(decision.outgoing, OutboxKind::incident, &OutgoingMail::kind));
}

/// A reply of Jane's to the acknowledgement of ticket 17, which waits for incident 3.
DeskCase waiting_reply() {
  auto desk = reply_case("Re: [SUP-17] Phones down", waiting_ticket());
  desk.context.incidents = {open_incident(3, IncidentMatch::all)};
  desk.email.text = "No, it is about something else: our building is on fire.\n";
  return desk;
}

}  // namespace

TEST_CASE("A ticket is resolved with its incident") {
  SettlingDesk desk;
  const auto decision = desk.settle();
  CHECK(decision.ticket->status == TicketStatus::resolved);
  CHECK(decision.ticket->resolved_at == tuesday_ten());
  CHECK(decision.ticket->responded_at == tuesday_ten());
  CHECK(decision.ticket->incident == 3);
  CHECK_FALSE(decision.ticket->waits_for_incident);
  CHECK_FALSE(decision.ticket->clock_suspended);
  CHECK(decision.ticket->check_at);
  REQUIRE(decision.outgoing.size() == 1);
  CHECK(decision.outgoing[0].kind == OutboxKind::incident);
  CHECK(decision.messages.at(0).direction == Direction::out);
  CHECK(field_of(decision.outgoing[0].octets, "Auto-Submitted") == "auto-generated");
  const auto text = plain_text_of(decision.outgoing[0].octets);
  for (const auto* words : {"No inbound calls", "has repaired it", "test whether", "after 3 working days"})
    CHECK(text.find(words) != std::string::npos);
}

TEST_CASE("The resolution of an incident goes to the requester alone") {
  SettlingDesk desk;
  desk.context.participants = {"jane@acme.example", "victim@elsewhere.example"};
  desk.context.ticket->reply_to = "office@acme.example";
  desk.context.ticket->subject = "Cheap pills";
  CHECK(desk.settle().outgoing.at(0).recipients == std::vector<std::string>{"jane@acme.example"});
  CHECK(field_of(desk.settle().outgoing[0].octets, "Subject").find("Cheap pills") != std::string::npos);
  desk.context.ticket->no_page_reason = "The sender failed authentication.";
  CHECK(field_of(desk.settle().outgoing[0].octets, "Subject").find("Cheap pills") == std::string::npos);
}

TEST_CASE("Where the requester can't be told of it, a person has to see to the ticket") {
  SettlingDesk desk;
  std::string why;
  SECTION("too many automatic answers to him") {
    desk.context.answers.to_sender = 10;
    why = "jane@acme.example has had 10 automatic answers in 1 hour already";
  }
  SECTION("too many at his domain") {
    desk.context.ticket->requester.addr_spec = "x7@victim.example";
    desk.context.answers.to_domain = 100;
    why = "the addresses of victim.example have had 100 automatic answers in 1 hour already";
  }
  SECTION("too many in the ticket") {
    desk.context.answers.in_ticket = {5, 5};
    why = "ticket #17 has had 5 automatic answers in 1 hour already";
  }
  SECTION("too many in all") {
    desk.context.answers.in_all = 1000;
    CHECK(desk.settle().withheld_in_storm);
    why = "the desk has sent 1000 automatic answers in 1 hour already";
  }
  SECTION("mail to him came back") {
    desk.context.undeliverable = {"jane@acme.example", tuesday_ten() - 1h, "550 gone", 1};
    why = "mail to jane@acme.example came back";
  }
  SECTION("he has no address") {
    desk.context.ticket->requester.addr_spec = "+15550100";
    why = "no address";
  }
  SECTION("the customer has written since") {
    desk.context.ticket->customer_spoke = true;
    why = "The customer has written while it waited";
  }
  const auto decision = desk.settle();
  CHECK(incident_mails(decision) == 0);
  CHECK(decision.ticket->status == TicketStatus::new_);
  CHECK_FALSE(decision.ticket->waits_for_incident);
  CHECK_FALSE(decision.ticket->customer_spoke);
  CHECK(decision.ticket->response_due_at == tuesday_ten() + 30min);
  CHECK(event_detail(decision, "incident_over").find(why) != std::string::npos);
  CHECK(has_event(decision, "staff_paged"));
}

TEST_CASE("A customer's word is read by a person also where no answer was ever owed") {
  SettlingDesk desk;
  desk.context.ticket->clock_suspended = false;
  desk.context.ticket->response_due_at.reset();
  CHECK(desk.settle().ticket->status == TicketStatus::resolved);
  desk.context.ticket->customer_spoke = true;
  const auto decision = desk.settle();
  CHECK(decision.ticket->status != TicketStatus::resolved);
  CHECK(event_detail(decision, "incident_over").find("The customer has written while it waited") != std::string::npos);
}

TEST_CASE("Whom the program never writes to hears nothing of an incident either") {
  SettlingDesk desk;
  SECTION("a gateway") { desk.ruleset.phone_senders = {"jane@acme.example"}; }
  SECTION("a blocked sender") { desk.context.blocked_by = TicketId{9}; }
  const auto decision = desk.settle();
  CHECK(incident_mails(decision) == 0);
  CHECK(decision.ticket->status != TicketStatus::resolved);
}

TEST_CASE("What a person has answered is no open word of the customer's any more") {
  CommandDesk desk;
  desk.context.ticket->customer_spoke = true;
  CHECK_FALSE(desk.done(ReplyCommand{"Two hours.", false, {}}).ticket->customer_spoke);
  CHECK(desk.done(NoteCommand{"He asked."}).ticket->customer_spoke);
}

TEST_CASE("What is not resolved with its incident though it could be told") {
  SettlingDesk desk;
  SECTION("the program failed at it") {
    const auto decision = desk.settle("An error of the program hindered that.");
    CHECK(incident_mails(decision) == 0);
    CHECK(has_event(decision, "staff_paged"));
    CHECK(decision.ticket->response_due_at == tuesday_ten() + 30min);
  }
  SECTION("it is resolved already") {
    desk.context.ticket->status = TicketStatus::resolved;
    desk.context.ticket->resolved_at = tuesday_ten() - 1h;
    const auto decision = desk.settle();
    CHECK(decision.outgoing.empty());
    CHECK(decision.events.empty());
    CHECK_FALSE(decision.ticket->waits_for_incident);
    CHECK_FALSE(decision.ticket->response_due_at);
  }
}

TEST_CASE("A machine's mail that was linked by hand is resolved with its incident without a mail") {
  SettlingDesk desk;
  desk.context.ticket->clock_suspended = false;
  const auto decision = desk.settle();
  CHECK(decision.ticket->status == TicketStatus::resolved);
  CHECK(decision.outgoing.empty());
  CHECK_FALSE(decision.ticket->responded_at);
}

TEST_CASE("A customer who writes while his ticket waits is heard as with a new ticket, and is not swept away") {
  auto desk = waiting_reply();
  SECTION("the requester") {}
  SECTION("a participant") { desk.email.from = Mailbox{"Bob", "bob@partner.example"}; }
  const auto decision = desk.decide_all();
  CHECK(decision.ticket->customer_spoke);
  CHECK(decision.ticket->waits_for_incident);
  CHECK(decision.ticket->clock_suspended);
  CHECK(has_event(decision, "customer_spoke"));
  CHECK(has_event(decision, "staff_paged"));
  CHECK(decision.ticket->notices.paged_at == tuesday_ten());
  CHECK(next_check(*decision.ticket, desk.ruleset) == tuesday_ten() + 10min);
  const auto page = std::ranges::find(decision.outgoing, OutboxKind::page, &OutgoingMail::kind);
  REQUIRE(page != decision.outgoing.end());
  const auto text = plain_text_of(page->octets);
  for (const auto* words : {"our building is on fire", "waits for incident 3", "#incident none", "incident unlink 17"})
    CHECK(text.find(words) != std::string::npos);
}

TEST_CASE("What is no word of a person's says nothing of an incident") {
  auto desk = waiting_reply();
  SECTION("a vacation note") { desk.add_field("Auto-Submitted", "auto-replied"); }
  SECTION("a stranger's mail") { desk.email.from = Mailbox{"Eve", "eve@elsewhere.example"}; }
  const auto decision = desk.decide_all();
  CHECK_FALSE(decision.ticket->customer_spoke);
  CHECK_FALSE(has_event(decision, "staff_paged"));
}

TEST_CASE("Too many words of waiting customers go into a digest") {
  auto desk = waiting_reply();
  desk.context.news.of_sender = 20;
  const auto decision = desk.decide_all();
  CHECK(decision.ticket->customer_spoke);
  CHECK(decision.outgoing.empty());
  REQUIRE_FALSE(decision.digest.empty());
  CHECK(event_detail(decision, "staff_told").find("Paged:") == std::string::npos);
  CHECK(event_detail(decision, "staff_told").find("To be told with others at 10:10") != std::string::npos);
}

TEST_CASE("What a waiting customer has said counts for the incident that he waited for") {
  CommandDesk desk;
  desk.context.ticket->customer_spoke = true;
  desk.context.incidents.push_back(open_incident(4, IncidentMatch::by_hand));
  CHECK_FALSE(desk.done(IncidentCommand{IncidentNumber{4}}).ticket->customer_spoke);
  CHECK_FALSE(desk.done(IncidentCommand{}).ticket->customer_spoke);
}

}  // namespace ticketd
