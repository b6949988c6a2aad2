#include "rules/sender_doubt.h"

#include <catch2/catch.hpp>

#include "tests/rules/mail_samples.h"

namespace ticketd {

namespace {

Email read(const std::string& header) {
  return std::get<Email>(parse_email(header + "Subject: Fax\r\nMessage-ID: <m1@acme.example>\r\n\r\ntext\r\n"));
}

std::vector<std::string> warnings(const Decision& decision) {
  std::vector<std::string> found;
  for (const auto& event : decision.events)
    if (event.kind == "sender_warning") found.push_back(event.detail);
  return found;
}

/// An empty `part`: there is no warning.
void check_only_warning(const Decision& decision, const std::string& part) {
  const auto found = warnings(decision);
  CAPTURE(found);
  REQUIRE(found.size() == (part.empty() ? 0 : 1));
  if (part.empty()) return;
  CHECK(found[0].find(part) != std::string::npos);
  CHECK(std::ranges::find(decision.reasons, "Sender: " + found[0]) != decision.reasons.end());
}

}  // namespace

TEST_CASE("Who the requester is, and what is said where the header disagrees") {
  struct Case {
    const char* name;
    std::string header;
    std::string requester;
    std::string warning;  ///< part of the only one; empty: there is none
  };
  const std::string jane = "From: Jane Doe <jane@acme.example>\r\n";
  const Case cases[] = {
      {"an ordinary mail", jane, "jane@acme.example", ""},
      {"two From fields", jane + "From: eve@evil.example\r\n", "jane@acme.example",
       "names several senders (jane@acme.example, eve@evil.example)"},
      {"two mailboxes in From", "From: jane@acme.example, bob@acme.example\r\n", "jane@acme.example",
       "several senders"},
      {"a group", "From: Us: jane@acme.example, bob@acme.example;\r\n", "jane@acme.example", "several senders"},
      {"the same address twice", jane + "From: JANE@acme.example\r\n", "jane@acme.example", ""},
      {"an address in a comment is none", "From: jane@acme.example (eve@evil.example)\r\n", "jane@acme.example",
       "shows the address eve@evil.example"},
      {"an encoded word with an address", "From: =?utf-8?q?boss=40bank.example?= <eve@evil.example>\r\n",
       "eve@evil.example", "shows the address boss@bank.example, but the mail comes from eve@evil.example"},
      {"the first without an address", "From: Jane <>\r\nFrom: jane@acme.example\r\n", "jane@acme.example", ""},
      {"a name alone", "From: Jane\r\n", "Jane", "The sender \"Jane\" has no address"},
      {"no From", "To: support@example.com\r\n", "", "names no sender"},
      {"an empty From, as bounces have", "From: <>\r\n", "", ""},
      {"Sender is somebody else", jane + "Sender: secretary@acme.example\r\n", "jane@acme.example",
       "sent by secretary@acme.example in the name of jane@acme.example"},
      {"Sender is the same", jane + "Sender: Jane@ACME.example\r\n", "jane@acme.example", ""},
      {"Sender is the desk's own list", jane + "Sender: support@example.com\r\n", "jane@acme.example", ""},
      {"answers elsewhere", jane + "Reply-To: jane@evil.example\r\n", "jane@acme.example",
       "asks for answers to jane@evil.example"},
      {"answers within the organization", jane + "Reply-To: team@acme.test\r\n", "jane@acme.example", ""},
      {"answers to the desk", jane + "Reply-To: support@example.com\r\n", "jane@acme.example", ""},
      {"an own address as name", "From: \"jane.doe@acme.example\" <jane@acme.example>\r\n", "jane@acme.example", ""},
      {"a name like a staff member's", "From: ann  ENGINEER <ann@evil.example>\r\n", "ann@evil.example",
       "has the name of Ann Engineer, who is staff, but ann@evil.example is not"},
      {"in letters that look the same", "From: =?utf-8?B?0JBubiBFbmdpbmVlcg==?= <ann@evil.example>\r\n",
       "ann@evil.example", "has the name of Ann Engineer"},
      {"other letters", "From: =?utf-8?B?0JDQvdC90LA=?= <anna@acme.example>\r\n", "anna@acme.example", ""},
      {"staff", "From: Ann Engineer <ann@example.com>\r\n", "ann@example.com", ""},
      {"the desk's name", "From: Example Support <x@evil.example>\r\n", "x@evil.example",
       "has the name of this desk, but x@evil.example is not its address"},
      {"a web form", "From: Example Support <support@example.com>\r\nReply-To: jane@acme.example\r\n",
       "jane@acme.example", ""},
      {"a bounce", "From: MAILER-DAEMON\r\nReturn-Path: <>\r\n", "MAILER-DAEMON", ""},
  };
  for (const auto& c : cases) {
    DYNAMIC_SECTION(c.name) {
      DeskCase desk;
      desk.email = read(c.header);
      const auto decision = desk.decide();
      REQUIRE(decision.ticket);
      CHECK(decision.ticket->requester.addr_spec == c.requester);
      check_only_warning(decision, c.warning);
    }
  }
}

TEST_CASE("What a second address, or one for answers, takes from a sender's word") {
  const std::tuple<const char*, std::string, std::string> cases[] = {
      {"staff who want answers elsewhere", "From: Ann Engineer <ann@example.com>\r\nReply-To: ann@evil.example\r\n",
       "asks for answers to ann@evil.example"},
      {"staff who want answers at home", "From: Ann Engineer <ann@example.com>\r\nReply-To: a.e@example.com\r\n", ""},
      {"two addresses in brackets", "From: Jane <jane@acme.example> <eve@evil.example>\r\n",
       "names several senders (jane@acme.example, eve@evil.example)"},
      {"two addresses without a comma", "From: jane@acme.example eve@evil.example\r\n",
       "names several senders (jane@acme.example, eve@evil.example)"},
  };
  for (const auto& [name, header, warning] : cases) {
    INFO(name);
    DeskCase desk;
    desk.email = read(header);
    check_only_warning(desk.decide(), warning);
  }
}

TEST_CASE("Several senders are nobody: not staff, and no participant") {
  const std::tuple<const char*, std::string> cases[] = {
      {"staff first", "From: ann@example.com\r\nFrom: eve@evil.example\r\n"},
      {"staff second", "From: eve@evil.example\r\nFrom: ann@example.com\r\n"},
      {"a participant first", "From: jane@acme.example, eve@evil.example\r\n"},
      {"a group", "From: x: jane@acme.example, eve@evil.example;\r\n"},
      {"two brackets", "From: Jane <jane@acme.example> <eve@evil.example>\r\n"},
      {"no comma", "From: jane@acme.example eve@evil.example\r\n"},
      {"an encoded word between", "From: jane@acme.example, =?utf-8?q?x?= <eve@evil.example>\r\n"},
  };
  for (const auto& [name, header] : cases) {
    DYNAMIC_SECTION(name) {
      auto ticket = ticket_17();
      ticket.status = TicketStatus::resolved;
      auto desk = reply_case("Urgent: [SUP-17] Fax", ticket);
      auto email = read(header);
      email.subject = desk.email.subject;
      desk.email = email;
      SECTION("answering one of our mails") {
        desk.context.candidates = {candidate_17(Candidate::Via::our_message_id, ticket)};
        const auto decision = desk.decide();
        CHECK(has_event(decision, "stranger_wrote"));
        CHECK(decision.ticket->status == TicketStatus::resolved);
        CHECK(decision.ticket->priority == Priority::normal);
        CHECK(decision.outgoing.empty());
      }
      SECTION("with the tag alone") {
        desk.context.candidates = {candidate_17(Candidate::Via::tag, ticket)};
        CHECK(desk.decide().opens);
      }
      SECTION("with a new mail") {
        desk.context.candidates.clear();
        const auto decision = desk.decide();
        CHECK(decision.ticket->channel == Channel::portal);
        CHECK(std::ranges::find(decision.classes, MailClass::staff) == decision.classes.end());
        CHECK_FALSE(has_event(decision, "sender_is_staff"));
      }
    }
  }
}

TEST_CASE("A warning is one short line, whatever the header holds") {
  DeskCase desk;
  desk.email = read("From: =?utf-8?q?=1B[31m=0D=0Ax=40bank.example" + std::string(5000, 'x') +
                    "?= <eve@evil.example>\r\nSender: =?utf-8?q?a?=@" + std::string(5000, 'b') + "\r\n");
  for (const auto& warning : warnings(desk.decide())) {
    CHECK(warning.size() < 500);
    CHECK(std::ranges::none_of(warning, [](char c) { return static_cast<unsigned char>(c) < ' '; }));
  }
}

}  // namespace ticketd
