// Mails that name staff as their sender, and gateways that pass on what other people say.
#include <catch2/catch.hpp>

#include "rules/command_case.h"
#include "tests/rules/mail_samples.h"

namespace ticketd {

TEST_CASE("A mail that names staff as its sender gets no category by it") {
  DeskCase desk;
  desk.email.subject = "Urgent: all phones dead";
  SECTION("it fails authentication") {
    desk.ruleset.authserv_id = "mx.example.com";
    desk.email.from = Mailbox{"Ann Engineer", "ann@example.com"};
    desk.email.header = {{"From", "Ann Engineer <ann@example.com>"},
                         {"Authentication-Results", "mx.example.com; dmarc=fail header.from=example.com"}};
  }
  SECTION("beside another") { desk.email.header = {{"From", "Jane <jane@acme.example>, Ann <ann@example.com>"}}; }
  SECTION("before another") {
    desk.email.from = Mailbox{"Ann Engineer", "ann@example.com"};
    desk.email.header = {{"From", "Ann <ann@example.com>, Jane <jane@acme.example>"}};
  }
  const auto decision = desk.decide();
  CHECK(decision.ticket->channel == Channel::direct);
  CHECK(decision.ticket->priority == Priority::normal);
  CHECK(std::ranges::any_of(decision.events, [](const Event& event) {
    return event.kind == "sender_warning" &&
           event.detail.find("address of Ann Engineer, who is staff") != std::string::npos;
  }));
}

TEST_CASE("A gateway is never blocked as a sender of spam, and gets no automatic answer") {
  DeskCase desk;
  desk.ruleset.phone_senders = {"voicemail@pbx.example"};
  desk.email.from = Mailbox{"", "voicemail@pbx.example"};
  desk.email.header = {{"From", "voicemail@pbx.example"}};
  desk.context.blocked_by = TicketId{3};
  const auto decision = desk.decide();
  CHECK(decision.classes.empty());
  CHECK(decision.ticket->response_due_at);
  CHECK_FALSE(decision.acknowledges);
  CHECK(decision.outgoing.empty());

  CommandContext context;
  context.ticket = decision.ticket;
  const Actor actor{"ann", &desk.ruleset.staff[0]};
  const TokenSource tokens = [] { return std::string(32, 'f'); };
  const auto marked =
      std::get<Decision>(decide_command(SpamCommand{}, context, actor, desk.ruleset, desk.templates, desk.now, tokens));
  CHECK_FALSE(marked.sender_standing);
  CHECK(marked.ticket->status == TicketStatus::closed);
}

TEST_CASE("A reply that comes another way than by the support mailbox raises nothing") {
  auto desk = reply_case("Urgent: Re: [SUP-17] Fax prints blank pages");
  CHECK(desk.decide().ticket->priority == Priority::urgent);
  desk.arrived.mailbox_channel = Channel::direct;
  CHECK(desk.decide().ticket->priority == Priority::normal);
}

TEST_CASE("A reply raises nothing while the ticket's organization is downgraded, whoever's the mail is") {
  auto desk = reply_case("Urgent: Re: [SUP-17] Fax prints blank pages");
  desk.context.candidates[0].downgraded_until = desk.now + std::chrono::hours{1};
  CHECK(desk.decide().ticket->priority == Priority::normal);
  CHECK(has_event(desk.decide(), "raise_refused"));
}

TEST_CASE("A downgraded organization is told so when it names no category, too") {
  DeskCase desk;
  desk.context.downgraded_until = desk.now + std::chrono::hours{1};
  const auto decision = desk.decide();
  REQUIRE(decision.acknowledges);
  CHECK(plain_text_of(decision.outgoing.at(0).octets).find("are handled as Normal") != std::string::npos);
}

}  // namespace ticketd
