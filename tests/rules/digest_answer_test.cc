// What staff answer to mails that are about no ticket of their own.
#include <catch2/catch.hpp>

#include "tests/rules/staff_desk.h"

namespace ticketd {
namespace {

/// Ann answers a digest that names ticket 17.
struct DigestDesk : StaffDesk {
  DigestDesk() {
    MailDraft draft;
    draft.kind = OutboxKind::digest;
    draft.to = {{"Ann Engineer", "ann@example.com"}};
    draft.subject = "1 ticket waits for you";
    draft.body = cut_line_of(kOurs) + "\n\n[SUP-17] New Normal ticket: Fax prints blank pages\n    from Jane Doe\n";
    context.answered = {{kOurs,
                         {"ann@example.com"},
                         compose_mail(draft, ruleset, now, kOurs.substr(0, 32)).octets,
                         OutboxKind::digest}};
    context.candidates[0].via = Candidate::Via::tag;
    context.candidates[0].answers_us = false;
    email.subject = "Re: [SUP-17] 1 ticket waits for you";
  }
};

}  // namespace

TEST_CASE("An answer to a digest works on the ticket that its subject names") {
  DigestDesk desk;
  const auto taken = desk.write("#take\n\n> " + cut_line_of(kOurs) + "\n>\n> [SUP-17] New Normal ticket\n");
  CHECK(taken.outcome == Outcome::staff);
  CHECK(taken.ticket->number == TicketId{17});
  CHECK(taken.ticket->assignee == "Ann Engineer");
  CHECK(sent_to_customer(desk.write("Please replace the toner.\n")).find("replace the toner") != std::string::npos);
  SECTION("so does one to news of an organization") {
    desk.context.answered[0].kind = OutboxKind::notification;
    CHECK(desk.write("#take\n").ticket->assignee == "Ann Engineer");
  }
  SECTION("whoever reported it") {
    auto& candidate = desk.context.candidates[0];
    candidate.ticket.requester = {"Ann Engineer", "ann@example.com"};
    candidate.participants = {"ann@example.com"};
    CHECK(desk.write("#take\n").ticket->assignee == "Ann Engineer");
  }
}

TEST_CASE("An answer to a digest opens no ticket, and staff are told how to write it") {
  DigestDesk desk;
  SECTION("without a tag") {
    desk.email.subject = "Re: 1 ticket waits for you";
    desk.context.candidates.clear();
  }
  SECTION("with the tag of a ticket that it doesn't name") {
    desk.email.subject = "Re: [SUP-18] 1 ticket waits for you";
    desk.context.candidates[0].ticket.number = TicketId{18};
  }
  SECTION("with the tag of no ticket at all") { desk.context.candidates.clear(); }
  const auto decision = desk.write("#take\n");
  CHECK(decision.outcome == Outcome::staff);
  CHECK_FALSE(decision.ticket);
  CHECK_FALSE(decision.opens);
  REQUIRE(decision.outgoing.size() == 1);
  CHECK(decision.outgoing[0].recipients == std::vector<std::string>{"ann@example.com"});
  CHECK(plain_text_of(decision.outgoing[0].octets).find("[SUP-123]") != std::string::npos);
}

TEST_CASE("An absent member of the staff is told nothing of an answer to a digest") {
  DigestDesk desk;
  desk.email.subject = "Out of office";
  desk.add_field("Auto-Submitted", "auto-replied");
  const auto decision = desk.write("I am away.\n");
  CHECK_FALSE(decision.ticket);
  CHECK(decision.outgoing.empty());
}

TEST_CASE("Only who got the digest works by it") {
  DigestDesk desk;
  SECTION("it went to somebody else") { desk.context.answered[0].recipients = {"ben@example.com"}; }
  SECTION("nothing shows that it is Ann") { desk.ruleset.authserv_id = "mx.example.com"; }
  const auto decision = desk.write("#take\n");
  CHECK(decision.ticket->number != TicketId{17});
  CHECK(decision.ticket->assignee.empty());
  CHECK(sent_to_customer(decision).empty());
}

}  // namespace ticketd
