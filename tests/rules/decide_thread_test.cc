#include <catch2/catch.hpp>

#include "tests/rules/mail_samples.h"

namespace ticketd {

using namespace std::chrono_literals;

TEST_CASE("Which ticket a mail belongs to") {
  using Via = Candidate::Via;
  struct Case {
    const char* name;
    std::string from;
    std::optional<Via> via;
    Outcome outcome;
    std::string event;
    TicketStatus status;  ///< of a ticket that was resolved before
  };
  const std::string jane = "jane@acme.example", eve = "eve@evil.example";
  const Case cases[] = {
      {"the requester, our id", jane, Via::our_message_id, Outcome::follow_up, "message_added", TicketStatus::open},
      {"in capitals", "JANE@ACME.EXAMPLE", Via::our_message_id, Outcome::follow_up, "message_added",
       TicketStatus::open},
      {"a participant, our id", "bob@partner.example", Via::our_message_id, Outcome::follow_up, "message_added",
       TicketStatus::open},
      {"the requester, an own id", jane, Via::customer_message_id, Outcome::follow_up, "message_added",
       TicketStatus::open},
      {"the requester, the tag", jane, Via::tag, Outcome::follow_up, "message_added", TicketStatus::open},
      {"a stranger, our id", eve, Via::our_message_id, Outcome::follow_up, "stranger_wrote", TicketStatus::resolved},
      {"a stranger, a customer's id", eve, Via::customer_message_id, Outcome::new_ticket, "thread_hint",
       TicketStatus::new_},
      {"a stranger, the tag", eve, Via::tag, Outcome::new_ticket, "thread_hint", TicketStatus::new_},
      {"a tag of no ticket", jane, {}, Outcome::new_ticket, "thread_hint", TicketStatus::new_},
      {"staff, our id", "ann@example.com", Via::our_message_id, Outcome::staff, "sender_unverified",
       TicketStatus::resolved},
      {"staff, a customer's id", "ann@example.com", Via::customer_message_id, Outcome::staff, "sender_unverified",
       TicketStatus::resolved},
      {"staff, the tag", "ann@example.com", Via::tag, Outcome::new_ticket, "thread_hint", TicketStatus::new_},
  };
  for (const auto& c : cases) {
    DYNAMIC_SECTION(c.name) {
      auto ticket = ticket_17();
      ticket.status = TicketStatus::resolved;
      ticket.resolved_at = tuesday_ten() - 10min;
      auto desk = reply_case("Re: [SUP-17] Fax prints blank pages");
      desk.email.from = Mailbox{"", c.from};
      desk.context.candidates.clear();
      if (c.via) desk.context.candidates = {candidate_17(*c.via, ticket)};
      const auto decision = desk.decide();
      CHECK(decision.outcome == c.outcome);
      CHECK(has_event(decision, c.event));
      REQUIRE(decision.ticket);
      CHECK(decision.ticket->status == c.status);
      CHECK(decision.messages.at(0).by_stranger == (c.event == std::string("stranger_wrote")));
      CHECK(decision.opens == (c.outcome == Outcome::new_ticket));
      CHECK(decision.ticket->number == (decision.opens ? TicketId{200} : TicketId{17}));
      if (!decision.opens) {
        CHECK(decision.participants.empty());
        CHECK(decision.outgoing.empty());
      }
    }
  }
}

TEST_CASE("A guessed tag tells its sender nothing") {
  auto desk = reply_case("[SUP-17] Fax");
  desk.email.from = Mailbox{"", "eve@evil.example"};
  desk.context.candidates = {candidate_17(Candidate::Via::tag)};
  const auto there = desk.decide();
  desk.context.candidates.clear();
  const auto missing = desk.decide();
  REQUIRE(there.outgoing.size() == 1);
  CHECK(there.outgoing[0].octets == missing.outgoing[0].octets);
  CHECK(there.ticket->subject == "Fax");
}

TEST_CASE("A participant's ticket goes before one where the sender is a stranger") {
  auto desk = reply_case();
  auto other = candidate_17(Candidate::Via::our_message_id);
  other.ticket.number = TicketId{16};
  other.participants = {"someone@other.example"};
  desk.context.candidates.insert(desk.context.candidates.begin(), other);
  CHECK(desk.decide().ticket->number == TicketId{17});
}

TEST_CASE("A reply reopens with a new response clock") {
  struct Case {
    const char* name;
    TicketStatus status;
    Duration ago;
    bool is_silent;
    bool opens;
    TicketStatus after;
  };
  const Case cases[] = {
      {"new stays new", TicketStatus::new_, 0h, false, false, TicketStatus::new_},
      {"open stays open", TicketStatus::open, 0h, false, false, TicketStatus::open},
      {"resolved", TicketStatus::resolved, 24h, false, false, TicketStatus::open},
      {"closed within the time", TicketStatus::closed, 24h * 14, false, false, TicketStatus::open},
      {"closed too long ago", TicketStatus::closed, 24h * 14 + 1s, false, true, TicketStatus::new_},
      {"silent backlog", TicketStatus::resolved, 24h, true, false, TicketStatus::resolved},
  };
  for (const auto& c : cases) {
    DYNAMIC_SECTION(c.name) {
      auto ticket = ticket_17();
      ticket.status = c.status;
      ticket.responded_at = tuesday_ten() - 30min;
      if (c.status == TicketStatus::resolved) ticket.resolved_at = tuesday_ten() - c.ago;
      if (c.status == TicketStatus::closed) ticket.closed_at = tuesday_ten() - c.ago;
      auto desk = reply_case("Re: [SUP-17] Fax prints blank pages", ticket);
      desk.arrived.silent = c.is_silent;
      const auto decision = desk.decide();
      REQUIRE(decision.ticket);
      CHECK(decision.opens == c.opens);
      CHECK(decision.ticket->status == c.after);
      const bool reopens = c.after == TicketStatus::open && c.status != TicketStatus::open;
      CHECK(has_event(decision, "ticket_reopened") == reopens);
      if (reopens) {
        CHECK(decision.ticket->response_due_at == desk.now + 4h);
        CHECK_FALSE(decision.ticket->responded_at);
        CHECK_FALSE(decision.ticket->resolved_at);
        CHECK_FALSE(decision.ticket->closed_at);
      }
      if (c.opens) {
        CHECK(event_detail(decision, "ticket_linked").find("ticket #17") != std::string::npos);
        CHECK(decision.events.end() != std::ranges::find(decision.events, TicketId{17}, &Event::ticket));
        CHECK(decision.acknowledges);
      }
    }
  }
}

TEST_CASE("Machines never reopen and are never answered") {
  const std::tuple<const char*, std::string, std::string, std::string> cases[] = {
      {"out of office", "Auto-Submitted", "auto-replied", "jane@acme.example"},
      {"out of office of a stranger", "Auto-Submitted", "auto-replied", "eve@other.example"},
      {"bounce", "Return-Path", "<>", "MAILER-DAEMON@mx.example"},
  };
  for (const auto& [name, field, value, from] : cases) {
    INFO(name);
    auto ticket = ticket_17();
    ticket.status = TicketStatus::resolved;
    auto desk = reply_case("Urgent: [SUP-17] Fax prints blank pages", ticket);
    desk.email.from = Mailbox{"", from};
    desk.add_field(field, value);
    const auto decision = desk.decide();
    CHECK(decision.outcome == Outcome::follow_up);
    CHECK(decision.ticket->status == TicketStatus::resolved);
    CHECK(decision.ticket->priority == Priority::normal);
    CHECK(decision.ticket->response_due_at == ticket.response_due_at);
    CHECK(decision.outgoing.empty());
    CHECK((has_event(decision, "automatic_reply_received") || has_event(decision, "bounce_received")));
  }
}

TEST_CASE("An out-of-office answer does not stop the clock, nor start one") {
  for (const bool is_answered : {false, true}) {
    INFO(is_answered);
    auto ticket = ticket_17();
    ticket.status = TicketStatus::open;
    if (is_answered) ticket.responded_at = tuesday_ten() - std::chrono::minutes{1};
    auto desk = reply_case("Automatic reply: [SUP-17] Fax prints blank pages", ticket);
    desk.add_field("Auto-Submitted", "auto-replied (vacation)");
    const auto decision = desk.decide();
    CHECK(decision.ticket->status == TicketStatus::open);
    CHECK(decision.ticket->responded_at == ticket.responded_at);
    CHECK(decision.ticket->response_due_at == ticket.response_due_at);
    CHECK(decision.ticket->clock_from == ticket.clock_from);
    CHECK(decision.messages.size() == 1);
    CHECK(decision.outgoing.empty());
  }
}

TEST_CASE("The same mail again is a duplicate and changes no ticket") {
  DeskCase desk;
  desk.context.known = {{"support", TicketId{17}}};
  SECTION("in the same mailbox") {
    const auto decision = desk.decide();
    CHECK(decision.outcome == Outcome::duplicate);
    CHECK(decision.linked_ticket == TicketId{17});
    CHECK(decision.events.empty());
    CHECK(decision.reason == "The same mail is part of ticket #17 already.");
  }
  SECTION("in another mailbox, with a line in the ticket's log") {
    desk.arrived.mailbox = "direct";
    const auto decision = desk.decide();
    CHECK(decision.outcome == Outcome::duplicate);
    REQUIRE(decision.events.size() == 1);
    CHECK(decision.events[0].ticket == TicketId{17});
    CHECK(decision.events[0].kind == "duplicate_arrived");
  }
  SECTION("of no ticket") {
    desk.context.known = {{"support", {}}};
    CHECK(desk.decide().outcome == Outcome::duplicate);
  }
  const auto decision = desk.decide();
  CHECK_FALSE(decision.ticket);
  CHECK(decision.messages.empty());
  CHECK(decision.outgoing.empty());
}

TEST_CASE("Who opens a resolved ticket again") {
  using Change = void (*)(DeskCase&);
  const Change by_tag = [](DeskCase& d) {
    d.context.candidates[0].via = Candidate::Via::tag;
    d.add_field("X-Spam-Flag", "YES");
  };
  const Change as_the_desk = [](DeskCase& d) {
    d.email.from = Mailbox{"", "support@example.com"};
    d.context.candidates[0].participants.push_back("support@example.com");
  };
  const std::tuple<const char*, Change, TicketStatus> cases[] = {
      {"a person", [](DeskCase&) {}, TicketStatus::open},
      {"over a list", [](DeskCase& d) { d.add_field("List-Id", "<users.example.org>"); }, TicketStatus::open},
      {"bulk", [](DeskCase& d) { d.add_field("Precedence", "bulk"); }, TicketStatus::open},
      {"another desk", [](DeskCase& d) { d.add_field("X-RT-Loop-Prevention", "rt.example"); }, TicketStatus::open},
      {"taken for spam", [](DeskCase& d) { d.add_field("X-Spam-Flag", "YES"); }, TicketStatus::open},
      {"spam with a guessed tag", by_tag, TicketStatus::resolved},
      {"an address that nobody writes from",
       [](DeskCase& d) {
         d.email.from = Mailbox{"", "no-reply@acme.example"};
         d.context.candidates[0].participants.push_back("no-reply@acme.example");
       },
       TicketStatus::resolved},
      {"the desk itself", as_the_desk, TicketStatus::resolved},
  };
  for (const auto& [name, change, status] : cases) {
    DYNAMIC_SECTION(name) {
      auto ticket = ticket_17();
      ticket.status = TicketStatus::resolved;
      ticket.resolved_at = tuesday_ten() - std::chrono::hours{1};
      auto desk = reply_case("Re: [SUP-17] Fax prints blank pages", ticket);
      change(desk);
      const auto decision = desk.decide();
      CHECK(decision.outcome == Outcome::follow_up);
      CHECK(decision.ticket->status == status);
    }
  }
}

TEST_CASE("An address that may be forged proves nothing by a customer's own ids or a tag") {
  auto ticket = ticket_17();
  ticket.status = TicketStatus::resolved;
  ticket.resolved_at = tuesday_ten() - 1h;
  auto desk = reply_case("Urgent: [SUP-17] Fax prints blank pages", ticket);
  desk.ruleset.authserv_id = "mx.example.com";
  desk.add_field("Authentication-Results", "mx.example.com; dmarc=fail header.from=acme.example");
  auto& candidate = desk.context.candidates[0];
  SECTION("a customer's id") {
    candidate.via = Candidate::Via::customer_message_id;
    CHECK(desk.decide().outcome == Outcome::new_ticket);
  }
  SECTION("a tag") {
    candidate.via = Candidate::Via::tag;
    CHECK(desk.decide().outcome == Outcome::new_ticket);
  }
  SECTION("one of our ids has been seen by whoever names it") { CHECK(desk.decide().outcome == Outcome::follow_up); }
}

TEST_CASE("What a visitor typed into a web form proves nobody") {
  auto ticket = ticket_17();
  ticket.status = TicketStatus::resolved;
  ticket.resolved_at = tuesday_ten() - 1h;
  auto desk = reply_case("[SUP-17] more", ticket);
  desk.email.in_reply_to.clear();
  desk.context.candidates[0].via = Candidate::Via::tag;
  desk.email.from = Mailbox{"Web form", "support@example.com"};
  SECTION("a participant's address") { desk.email.reply_to = {{"Jane", "jane@acme.example"}}; }
  SECTION("a colleague's") { desk.email.reply_to = {{"Ann", "ann@example.com"}}; }
  desk.email.header = {{"From", "support@example.com"}};
  const auto decision = desk.decide();
  CHECK(decision.outcome == Outcome::new_ticket);
  CHECK(std::ranges::find(decision.classes, MailClass::staff) == decision.classes.end());
}

TEST_CASE("What is looked up for a mail") {
  auto desk = reply_case("Re: [sup-17] Fax");
  desk.email.from->addr_spec = "Jane@ACME.example";
  desk.email.in_reply_to = {"c@x"};
  desk.email.references = {"a@x", "b@x", "c@x"};
  desk.email.date = desk.now;
  const auto query = desk.query();
  CHECK(query.references == std::vector<std::string>{"c@x", "b@x", "a@x"});
  CHECK(query.tag == TicketId{17});
  CHECK(query.sender == "jane@acme.example");
  CHECK(query.organization == "Acme");
  CHECK(query.mailbox == "support");
  CHECK(query.message_id == "m2@acme.example");
  CHECK(query.content_digest.size() == 64);
  CHECK(query.acknowledgements_since == desk.now - 1h);
  for (int i = 0; i < 1000; ++i) desk.email.references.push_back(fmt::format("r{}@x", i));
  const auto flooded = desk.query().references;
  CHECK(flooded.size() == 50);
  CHECK(flooded[1] == "r999@x");
}

}  // namespace ticketd
