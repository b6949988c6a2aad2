#include <catch2/catch.hpp>

#include "tests/rules/mail_samples.h"

namespace ticketd {

namespace {

DeskCase written(const std::string& header) {
  DeskCase desk;
  desk.email = std::get<Email>(parse_email(header + "\r\nIt is down.\r\n"));
  return desk;
}

ContextQuery looked_up(const DeskCase& desk) { return desk.query(); }

const std::string kJane = "From: jane@acme.example\r\n";

}  // namespace

TEST_CASE("What is looked up of the references that clients write") {
  using Ids = std::vector<std::string>;
  const std::tuple<const char*, std::string, Ids> cases[] = {
      {"both", "In-Reply-To: <b@x>\r\nReferences: <a@x> <b@x>\r\n", {"b@x", "a@x"}},
      {"In-Reply-To alone", "In-Reply-To: <b@x>\r\n", {"b@x"}},
      {"References alone, the nearest first", "References: <a@x> <b@x>\r\n", {"b@x", "a@x"}},
      {"the last bracket cut off", "References: <a@x> <b@x\r\n", {"b@x", "a@x"}},
      {"the first id cut off", "References: a@x> <b@x>\r\n", {"b@x"}},
      {"folded between ids", "References: <a@x>\r\n\t<b@x>\r\n", {"b@x", "a@x"}},
      {"without blanks", "References: <a@x><b@x>\r\n", {"b@x", "a@x"}},
      {"commas, as some gateways write them", "References: <a@x>, <b@x>\r\n", {"b@x", "a@x"}},
      {"words, as in RFC 822", "In-Reply-To: Your message of \"Tue, 1 Jan\" <b@x>\r\n", {"b@x"}},
      {"the field twice: the first counts", "References: <a@x>\r\nReferences: <b@x>\r\n", {"a@x"}},
      {"empty", "In-Reply-To: \r\nReferences:\r\n", {}},
  };
  for (const auto& [name, fields, expected] : cases) {
    DYNAMIC_SECTION(name) { CHECK(looked_up(written(kJane + fields)).references == expected); }
  }
}

TEST_CASE("Of many references the last ones count, and what is answered always does") {
  std::string fields = "In-Reply-To: <answered@x>\r\nReferences:";
  for (int i = 0; i < 1000; ++i) fields += fmt::format(" <{}@x>", i);
  const auto query = looked_up(written(kJane + fields + "\r\n"));
  REQUIRE(query.references.size() == 50);
  CHECK(query.references[0] == "answered@x");
  CHECK(query.references[1] == "999@x");
  CHECK(query.direct_references == 1);
}

TEST_CASE("A third party who answers the customer's own mail") {
  auto desk = written("From: bob@partner.example\r\nSubject: Re: Fax\r\nIn-Reply-To: <m1@acme.example>\r\n");
  auto candidate = candidate_17(Candidate::Via::customer_message_id);
  SECTION("was a recipient of it: his answer joins the ticket") {
    desk.context.candidates = {candidate};
    const auto decision = desk.decide();
    CHECK(decision.outcome == Outcome::follow_up);
    CHECK(decision.ticket->number == TicketId{17});
    CHECK(has_event(decision, "message_added"));
  }
  SECTION("was none: a ticket of its own, with a hint, and nothing of the other one") {
    candidate.participants = {"jane@acme.example"};
    desk.context.candidates = {candidate};
    const auto decision = desk.decide();
    CHECK(decision.opens);
    CHECK(event_detail(decision, "thread_hint").find("#17") != std::string::npos);
    REQUIRE(decision.outgoing.size() == 1);
    CHECK(decision.outgoing[0].octets.find("blank pages") == std::string::npos);
    CHECK(decision.outgoing[0].octets.find("17") == std::string::npos);
  }
}

TEST_CASE("Staff are no customers, though a ticket names them among its participants") {
  auto ticket = ticket_17();
  ticket.status = TicketStatus::resolved;
  ticket.resolved_at = tuesday_ten();
  auto desk = reply_case("Re: [SUP-17] Fax prints blank pages: Urgent", ticket);
  auto& candidate = desk.context.candidates[0];
  candidate.participants.push_back("ann@example.com");
  desk.email.from = Mailbox{"Ann Engineer", "ann@example.com"};
  SECTION("a colleague of today who got a copy of it once: nothing reopens, and no category changes") {
    const auto decision = desk.decide();
    CHECK(decision.outcome == Outcome::staff);
    CHECK(decision.ticket->status == TicketStatus::resolved);
    CHECK(decision.ticket->priority == Priority::normal);
    CHECK(decision.ticket->response_due_at == ticket.response_due_at);
  }
  SECTION("whose address is forged: the same") {
    desk.ruleset.authserv_id = "mx.example.com";
    const auto decision = desk.decide();
    CHECK(has_event(decision, "stranger_wrote"));
    CHECK(decision.ticket->status == TicketStatus::resolved);
  }
  SECTION("who reported it: a word of the requester") {
    candidate.ticket.requester = {"Ann Engineer", "Ann@example.com"};
    CHECK(desk.decide().ticket->status == TicketStatus::open);
  }
}

TEST_CASE("Which mails are the same mail") {
  const std::string mail =
      kJane + "Subject: Fax\r\nMessage-ID: <m1@acme.example>\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\n";
  const auto base = looked_up(written(mail));
  struct Case {
    const char* name;
    std::string header;
    bool is_same;
  };
  const auto with = [&](const std::string& from, const std::string& to) {
    auto changed = mail;
    changed.replace(changed.find(from), from.size(), to);
    return changed;
  };
  const Case cases[] = {
      {"once more", mail, true},
      {"by another way", "Received: from mx2.example\r\nX-Spam-Status: No\r\n" + mail, true},
      {"the same id, another subject", with("Fax", "Phone"), false},
      {"the same id, another date", with("10:00:00", "10:00:01"), false},
      {"the same id, another sender", with("jane@", "bob@"), false},
      {"another id", with("m1@", "m2@"), false},
      {"no id", with("Message-ID: <m1@acme.example>\r\n", ""), false},
      {"an empty id", with("<m1@acme.example>", "<>"), false},
  };
  for (const auto& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const auto query = looked_up(written(c.header));
      CHECK((query.message_id == base.message_id && query.content_digest == base.content_digest) == c.is_same);
    }
  }
}

}  // namespace ticketd
