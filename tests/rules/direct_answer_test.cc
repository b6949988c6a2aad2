// What staff write to a customer past the desk, and pass on of him.
#include <catch2/catch.hpp>

#include "tests/rules/staff_desk.h"

namespace ticketd {
namespace {

/// Ann answers Jane's mail, which opened ticket 17, with a copy to the desk.
struct DirectDesk : StaffDesk {
  DirectDesk() {
    email.in_reply_to = {"m1@acme.example"};
    email.to = {{"Jane Doe", "Jane@acme.example"}};
    email.cc = {{"Support", "support@example.com"}};
    email.text = "I look at it.\n\nOn Tuesday, Jane wrote:\n> Since this morning.\n";
    context.answered.clear();
    context.candidates[0].via = Candidate::Via::customer_message_id;
    context.candidates[0].answers_us = false;
    ruleset.authserv_id = "mx.example.com";
  }
  void pass() { add_field("Authentication-Results", "mx.example.com; dmarc=pass header.from=example.com"); }
};

/// Ann passes on a mail of Jane's, attached.
struct PassedOnDesk : StaffDesk {
  explicit PassedOnDesk(const std::string& fields, const std::string& subject = "Urgent: Re: [SUP-17] Fax") {
    arrived.octets =
        "From: Ann <ann@example.com>\r\nTo: support@example.com\r\nSubject: Fwd: Fax\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=f\r\n\r\n--f\r\n\r\nFor us.\r\n--f\r\n"
        "Content-Type: message/rfc822\r\n\r\nFrom: Jane <jane@acme.example>\r\nTo: ann@example.com\r\nSubject: " +
        subject + "\r\n" + fields + "\r\nIt is back!\r\n--f--\r\n";
    email = std::get<Email>(parse_email(arrived.octets));
    context.answered.clear();
    context.candidates[0].answers_us = false;
  }
};

}  // namespace

TEST_CASE("What staff answer a customer directly is filed on his ticket") {
  DirectDesk desk;
  SECTION("as the response where the sender is shown to be staff") {
    desk.pass();
    const auto decision = desk.decide_all();
    CHECK(decision.outcome == Outcome::staff);
    CHECK(decision.ticket->number == TicketId{17});
    CHECK(decision.ticket->responded_at == desk.now);
    CHECK(decision.ticket->status == TicketStatus::open);
    REQUIRE(decision.messages.size() == 1);
    CHECK(decision.messages[0].direction == Direction::out);
    CHECK(event_detail(decision, "response_given") == "First answer by a person, 3 hours before it was due.");
    CHECK(decision.outgoing.empty());
  }
  SECTION("where it names a mail of ours too") {
    desk.pass();
    desk.context.candidates[0].via = Candidate::Via::our_message_id;
    CHECK(desk.decide_all().ticket->responded_at == desk.now);
  }
  SECTION("as a mail of nobody known where nothing is checked") {
    desk.ruleset.authserv_id.clear();
    const auto decision = desk.decide_all();
    CHECK(decision.ticket->number == TicketId{17});
    CHECK_FALSE(decision.ticket->responded_at);
    CHECK(decision.messages.at(0).direction == Direction::in);
    CHECK(has_event(decision, "sender_unverified"));
    CHECK(decision.outgoing.empty());
  }
  SECTION("as a note where it went to the desk alone") {
    desk.pass();
    desk.email.to = {{"Support", "support@example.com"}};
    const auto decision = desk.decide_all();
    CHECK(decision.ticket->number == TicketId{17});
    CHECK_FALSE(decision.ticket->responded_at);
    CHECK_FALSE(decision.opens);
  }
}

TEST_CASE("A mail that staff pass on and that is there already opens no second ticket") {
  PassedOnDesk desk("Message-ID: <m1@acme.example>\r\n");
  const auto query = desk.query();
  CHECK(query.references == std::vector<std::string>{"m1@acme.example"});
  desk.context.candidates[0].via = Candidate::Via::customer_message_id;
  const auto decision = desk.decide_all();
  CHECK(decision.outcome == Outcome::staff);
  CHECK(decision.ticket->number == TicketId{17});
  CHECK(decision.messages.at(0).direction == Direction::note);
  CHECK(decision.outgoing.empty());
}

TEST_CASE("A customer's answer that staff pass on is his word, but no claim of his") {
  PassedOnDesk desk("Message-ID: <m2@acme.example>\r\nIn-Reply-To: <ours@example.com>\r\n");
  auto& ticket = desk.context.candidates[0].ticket;
  ticket.status = TicketStatus::resolved;
  ticket.resolved_at = desk.now - 1h;
  const auto decision = desk.decide_all();
  CHECK(decision.outcome == Outcome::follow_up);
  CHECK(decision.ticket->number == TicketId{17});
  CHECK(decision.ticket->status == TicketStatus::open);
  CHECK(decision.ticket->priority == Priority::normal);
  CHECK(decision.messages.at(0).direction == Direction::in);
  CHECK(decision.messages.at(0).text.find("It is back!") != std::string::npos);
  SECTION("what a third person wrote opens a ticket of his own") {
    desk.context.candidates[0].participants = {"bob@partner.example"};
    desk.context.candidates[0].via = Candidate::Via::customer_message_id;
    const auto other = desk.decide_all();
    CHECK(other.opens);
    CHECK(other.ticket->requester.addr_spec == "jane@acme.example");
  }
}

TEST_CASE("The label of an attached mail is kept when the forward's subject has none") {
  PassedOnDesk desk("Message-ID: <m3@acme.example>\r\n");
  desk.context.candidates.clear();
  const auto decision = desk.decide_all();
  CHECK(decision.ticket->requested_priority == Priority::urgent);
  CHECK(decision.ticket->priority == Priority::normal);
}

}  // namespace ticketd
