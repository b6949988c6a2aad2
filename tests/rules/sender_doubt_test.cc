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

struct Case {
  const char* name;
  std::string header;
  std::string requester;
  std::string warning;  ///< part of the only one; empty: there is none
};

void check_case(const Case& c) {
  DYNAMIC_SECTION(c.name) {
    DeskCase desk;
    desk.email = read(c.header);
    const auto decision = desk.decide();
    REQUIRE(decision.ticket);
    CHECK(decision.ticket->requester.addr_spec == c.requester);
    check_only_warning(decision, c.warning);
  }
}

}  // namespace

TEST_CASE("Who the requester is, and what is said where the header disagrees") {
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
      {"words alone", "From: jane at acme.example\r\n", "jane at acme.example", "has no address"},
      {"an empty From, and Sender", "From:\r\nSender: Jane@acme.example\r\n", "Jane@acme.example",
       "Its Sender field names Jane@acme.example, who counts as the requester"},
      {"an empty From, and Reply-To", "From: <>\r\nReply-To: jane@acme.example\r\n", "jane@acme.example",
       "Its Reply-To field names jane@acme.example, who counts as the requester"},
      {"an empty From, and the desk as Sender", "From:\r\nSender: support@example.com\r\n", "", "names no sender"},
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
      {"Sender in another spelling",
       "From: jane@xn--mnchen-3ya.example\r\nSender: \"Jane\"@xn--mnchen-3ya.example.\r\n",
       "jane@xn--mnchen-3ya.example", ""},
      {"staff", "From: Ann Engineer <ann@example.com>\r\n", "ann@example.com", ""},
      {"the desk's name", "From: Example Support <x@evil.example>\r\n", "x@evil.example",
       "has the name of this desk, but x@evil.example is not its address"},
      {"a web form", "From: Example Support <support@example.com>\r\nReply-To: jane@acme.example\r\n",
       "jane@acme.example", ""},
      {"a bounce", "From: MAILER-DAEMON\r\nReturn-Path: <>\r\n", "MAILER-DAEMON", ""},
  };
  for (const auto& c : cases) check_case(c);
}

TEST_CASE("Names and addresses that look like others") {
  const Case cases[] = {
      {"a name like a staff member's", "From: ann  ENGINEER <ann@evil.example>\r\n", "ann@evil.example",
       "has the name of Ann Engineer, who is staff, but ann@evil.example is not"},
      {"in letters that look the same", "From: =?utf-8?B?0JBubiBFbmdpbmVlcg==?= <ann@evil.example>\r\n",
       "ann@evil.example", "has the name of Ann Engineer"},
      {"in Latin letters that look the same", "From: ExampIe Supp0rt <x@evil.example>\r\n", "x@evil.example",
       "has the name of this desk"},
      {"with joiners between", "From: =?utf-8?q?An=E2=80=8Bn=C2=A0Engineer?= <ann@evil.example>\r\n",
       "ann@evil.example", "has the name of Ann Engineer"},
      {"in full width", "From: =?utf-8?q?=EF=BC=A1nn_Engineer?= <ann@evil.example>\r\n", "ann@evil.example",
       "has the name of Ann Engineer"},
      {"the last name first", "From: \"Engineer, Ann\" <ann@evil.example>\r\n", "ann@evil.example",
       "has the name of Ann Engineer"},
      {"with words around it", "From: \"Ann Engineer (Support)\" <ann@evil.example>\r\n", "ann@evil.example",
       "has the name of Ann Engineer"},
      {"the first name alone", "From: Ann <ann@acme.example>\r\n", "ann@acme.example", ""},
      {"a longer last name", "From: Ann Engineering <ann@acme.example>\r\n", "ann@acme.example", ""},
      {"an address in full width", "From: =?utf-8?q?boss=EF=BC=A0bank=2Eexample?= <eve@evil.example>\r\n",
       "eve@evil.example", "shows the address boss@bank.example"},
      {"a second address in the name", "From: \"jane@acme.example, boss@bank.example\" <jane@acme.example>\r\n",
       "jane@acme.example", "shows the address boss@bank.example"},
      {"alphabets mixed in a word", "From: =?utf-8?b?UNCweXDQsGw=?= <x@evil.example>\r\n", "x@evil.example",
       "letters of several alphabets in one word (P\u0430yp\u0430l)"},
      {"alphabets in words of their own", "From: =?utf-8?b?0JjQstCw0L0gUGV0cm92?= <ivan@acme.example>\r\n",
       "ivan@acme.example", ""},
      {"Japanese and Latin in a word", "From: =?utf-8?b?5p2x5LqsVG93ZXI=?= <t@acme.example>\r\n", "t@acme.example", ""},
      {"an address that looks like a staff member's", "From: Jo <ann@examp1e.com>\r\n", "ann@examp1e.com",
       "address ann@examp1e.com looks like that of Ann Engineer"},
      {"in other letters", "From: Jo <=?utf-8?b?YW5uQNC1eGFtcGxlLmNvbQ==?=>\r\n", "ann@\u0435xample.com",
       "address ann@xn--xample-2of.com looks like that of Ann Engineer"},
      {"an address that looks like the desk's", "From: Jo <supp0rt@example.com>\r\n", "supp0rt@example.com",
       "looks like one of this desk's"},
      {"other letters", "From: =?utf-8?B?0JDQvdC90LA=?= <anna@acme.example>\r\n", "anna@acme.example", ""},
  };
  for (const auto& c : cases) check_case(c);
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
        const bool names_staff = std::string(header).find("ann@example.com") != std::string::npos;
        CHECK(decision.ticket->channel == (names_staff ? Channel::direct : Channel::portal));
        CHECK(std::ranges::find(decision.classes, MailClass::staff) == decision.classes.end());
        CHECK_FALSE(has_event(decision, "sender_is_staff"));
      }
    }
  }
}

TEST_CASE("A warning stands once in a ticket") {
  auto desk = reply_case();
  const auto with = [](const Email& reply, const std::string& header) {
    auto email = read(header);
    email.subject = reply.subject;
    return email;
  };
  desk.email = with(desk.email, "From: jane@acme.example\r\nReply-To: jane@evil.example\r\n");
  const auto first = desk.decide();
  REQUIRE(first.outcome == Outcome::follow_up);
  REQUIRE(warnings(first).size() == 1);

  desk.context.candidates[0].sender_warnings = {"Something else.", warnings(first)[0]};
  const auto second = desk.decide();
  CHECK(warnings(second).empty());
  CHECK(std::ranges::find(second.reasons, "Sender: " + warnings(first)[0]) != second.reasons.end());

  desk.email = with(desk.email, "From: jane@acme.example\r\nReply-To: jane@other.example\r\n");
  check_only_warning(desk.decide(), "asks for answers to jane@other.example");
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

TEST_CASE("Who stands in for an empty From is not answered by itself, is no staff, and brings nobody") {
  DeskCase desk;
  desk.email = read("From: <>\r\nReply-To: jane@acme.example\r\nCc: bob@acme.example\r\n");
  CHECK_FALSE(desk.decide().acknowledges);
  CHECK(desk.decide().acknowledgement_reason == "No automatic answer: its From field names no sender.");
  CHECK(desk.decide().participants == std::vector<std::string>{"jane@acme.example"});
  CHECK(desk.decide().ticket->response_due_at);
  desk.email = read("From: <>\r\nReply-To: ann@example.com\r\n");
  CHECK(event_detail(desk.decide(), "sender_is_staff").empty());
}

}  // namespace ticketd
