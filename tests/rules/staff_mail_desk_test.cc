// What staff do by mail beyond the ticket itself: incidents, and the standing of organizations.
#include <catch2/catch.hpp>

#include "tests/rules/staff_desk.h"

namespace ticketd {

TEST_CASE("What a mail of staff does is told command by command") {
  StaffDesk desk;
  const auto decision = desk.write("#take\n#priority high\nWe are on it.\n" + quoted_notification());
  for (const char* reason : {"Command: Taken by Ann Engineer.", "Command: From Normal to High by Ann Engineer."}) {
    INFO(reason);
    CHECK(std::ranges::find(decision.reasons, reason) != decision.reasons.end());
  }
}

TEST_CASE("A ticket is linked to an incident by mail, and unlinked") {
  StaffDesk desk;
  Incident incident;
  incident.number = IncidentNumber{3};
  incident.title = "Phones down";
  desk.context.incidents = {incident};
  auto& ticket = desk.context.candidates[0].ticket;
  SECTION("linked") {
    const auto decision = desk.write("#incident 3\n" + quoted_notification());
    CHECK(decision.ticket->incident == 3);
    CHECK(decision.ticket->waits_for_incident);
    CHECK_FALSE(decision.ticket->response_due_at);
    CHECK(sent_to_customer(decision).find("Phones down") != std::string::npos);
    CHECK(sent_to_customer(decision).find("swordfish") == std::string::npos);
    CHECK(decision.messages.at(0).direction == Direction::note);
  }
  SECTION("unlinked") {
    ticket.incident = 3;
    ticket.waits_for_incident = ticket.clock_suspended = true;
    ticket.response_due_at.reset();
    const auto decision = desk.write("#incident none\n" + quoted_notification());
    CHECK_FALSE(decision.ticket->incident);
    CHECK(decision.ticket->response_due_at);
  }
  SECTION("one that is not open") {
    const auto decision = desk.write("#incident 4\nWe look.\n" + quoted_notification());
    CHECK_FALSE(decision.ticket->incident);
    CHECK(has_event(decision, "staff_mail_refused"));
    CHECK(sent_to_customer(decision).empty());
  }
  SECTION("without a number") {
    CHECK(has_event(desk.write("#incident\n" + quoted_notification()), "staff_mail_refused"));
  }
}

TEST_CASE("A claim that is lowered by mail is a strike, and may be the last one") {
  StaffDesk desk;
  auto& candidate = desk.context.candidates[0];
  candidate.ticket.priority = Priority::urgent;
  candidate.ticket.requested_priority = Priority::urgent;
  candidate.ticket.labelled = true;
  candidate.ticket.claim = LabelClaim::counts;
  candidate.ticket.claimed_priority = Priority::urgent;
  auto other = candidate.ticket;
  other.number = TicketId{12};
  candidate.record = {"Acme", {}, 2, {other, candidate.ticket}};
  SECTION("the organization is downgraded in the same decision") {
    const auto decision = desk.write("#priority normal one phone\n" + quoted_notification());
    REQUIRE(decision.strike);
    CHECK(decision.strike->reason == "From Urgent to Normal by Ann Engineer: one phone");
    REQUIRE(decision.organization_standing);
    CHECK(decision.organization_standing->organization == "Acme");
    REQUIRE(decision.others.size() == 1);
    CHECK(decision.others[0].number == TicketId{12});
    CHECK(decision.others[0].priority == Priority::normal);
  }
  SECTION("a ticket that is lowered with it and merged is written once") {
    desk.context.other = other;
    const auto decision = desk.write("#priority normal\n#merge 12\n" + quoted_notification());
    CHECK(decision.ticket->number == TicketId{12});
    CHECK(decision.ticket->priority == Priority::normal);
    CHECK(decision.absorbed->number == TicketId{17});
    CHECK(decision.others.empty());
  }
  SECTION("unless the line says otherwise") {
    const auto decision = desk.write("#priority normal --no-strike our mistake\n" + quoted_notification());
    CHECK_FALSE(decision.strike);
    CHECK_FALSE(decision.organization_standing);
    CHECK(event_detail(decision, "category_changed") == "From Urgent to Normal by Ann Engineer: our mistake");
  }
}

TEST_CASE("The standing of the organization is looked up for mails that set a category") {
  StaffDesk desk;
  const auto strikes_since = [&](const std::string& text) {
    desk.email.text = text;
    return desk.query().strikes_since;
  };
  CHECK(strikes_since("#take\n\n#Priority normal\n") == desk.now - desk.ruleset.abuse_window);
  CHECK(strikes_since("Hello\n#priority normal\n") == Time::max());
  CHECK(strikes_since("#take\n") == Time::max());
  desk.email.text_origin = TextOrigin::attached;
  CHECK(strikes_since("#priority normal\n") == Time::max());
}

TEST_CASE("Nothing of a file or of another mail is obeyed or sent, though it is all the text that there is") {
  struct Case {
    const char* name;
    std::string parts;
  };
  const auto example = GENERATE(values<Case>({
      {"orders in a file",
       "Content-Type: text/plain; name=trace.log\nContent-Disposition: attachment\n\n#priority urgent\n"
       "#take\n"},
      {"an answer in a file", "Content-Type: text/plain; name=trace.log\n\nWe have mended it.\n"},
      {"a page", "Content-Type: text/html; name=a.html\n\n<p>#spam</p>\n"},
      {"orders in a mail without a header",
       "\n \n--b\nContent-Type: message/rfc822\n\nContent-Type: text/plain\n\n#spam\n"},
      {"orders in a mail", "Content-Type: message/rfc822\n\nFrom: Ann Engineer <ann@example.com>\n\n#resolve Done.\n"},
      {"a merge", "Content-Type: text/plain; name=a\n\n#merge 12\n"},
  }));
  INFO(example.name);
  StaffDesk desk;
  const auto before = desk.context.candidates[0].ticket;
  const auto read =
      parse_email("From: Ann Engineer <ann@example.com>\nContent-Type: multipart/mixed; boundary=b\n\n--b\n" +
                  example.parts + "--b--\n");
  desk.email.text_origin = std::get<Email>(read).text_origin;
  const auto decision = desk.write(std::get<Email>(read).text);
  CHECK(has_event(decision, "staff_mail_refused"));
  CHECK(sent_to_customer(decision).empty());
  CHECK(decision.ticket->priority == before.priority);
  CHECK(decision.ticket->assignee == before.assignee);
  CHECK_FALSE(decision.sender_standing);
  CHECK_FALSE(decision.absorbed);
  CHECK(decision.messages.at(0).direction == Direction::note);
  CHECK_FALSE(desk.query().other);
  REQUIRE(decision.outgoing.size() == 1);
  CHECK(decision.outgoing[0].recipients == std::vector<std::string>{"ann@example.com"});
  CHECK(plain_text_of(decision.outgoing[0].octets).find("attached") != std::string::npos);
}

}  // namespace ticketd
