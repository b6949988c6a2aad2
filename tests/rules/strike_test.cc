// What counts against an organization (service-rules §4).
#include "tests/rules/fair_desk.h"

namespace ticketd {

TEST_CASE("What is a strike") {
  struct Case {
    const char* name;
    Ticket ticket;
    PrioritizeCommand command;
    bool is_strike;
    LabelClaim after;
    const char* spared = "";
  };
  const auto claim = [](Priority requested, Priority now, LabelClaim standing = LabelClaim::counts) {
    auto ticket = claimed(requested, standing);
    ticket.priority = now;
    return ticket;
  };
  using enum Priority;
  using enum LabelClaim;
  const std::vector<Case> cases{
      {"Urgent that was claimed", claim(urgent, urgent), {normal, "One phone"}, true, settled},
      {"to High only", claim(urgent, urgent), {high, ""}, true, settled},
      {"High that was claimed", claim(high, high), {normal, ""}, true, settled},
      {"staff say no", claim(urgent, urgent), {normal, "", false}, false, settled, "Ann Engineer says so."},
      {"the mail was forged",
       claim(urgent, urgent, unproven),
       {normal, ""},
       false,
       unproven,
       "the mail that claimed it failed authentication."},
      {"the claim was lowered before",
       claim(urgent, urgent, settled),
       {normal, ""},
       false,
       settled,
       "this claim was lowered before."},
      {"nobody had claimed it: staff had raised it", claim(normal, urgent, none), {normal, ""}, false, none},
      {"it was claimed in vain, and staff had raised it", claim(urgent, urgent, none), {normal, ""}, false, none},
      {"less had been claimed", claim(high, urgent), {high, ""}, false, counts},
      {"more had been claimed", claim(urgent, high), {normal, ""}, false, counts},
      {"raised", claim(high, high), {urgent, ""}, false, counts},
  };
  for (const auto& example : cases) {
    INFO(example.name);
    FairDesk desk;
    desk.context.ticket = example.ticket;
    const auto decision = desk.done(example.command);
    CHECK(decision.strike.has_value() == example.is_strike);
    CHECK(has_event(decision, "strike_counted") == example.is_strike);
    CHECK(decision.ticket->claim == example.after);
    CHECK(decision.ticket->priority == example.command.priority);
    CHECK(event_detail(decision, "strike_spared") ==
          (*example.spared ? fmt::format("No strike against Acme: {}", example.spared) : ""));
    CHECK_FALSE(decision.organization_standing);
  }
}

TEST_CASE("A strike says whose it is, and why") {
  FairDesk desk;
  desk.context.record.strikes = 1;
  const auto decision = desk.done(PrioritizeCommand{Priority::normal, "one phone"});
  REQUIRE(decision.strike);
  CHECK(decision.strike->organization == "Acme");
  CHECK(decision.strike->ticket == TicketId{17});
  CHECK(decision.strike->at == desk.now);
  CHECK(decision.strike->reason == "From Urgent to Normal by Ann Engineer: one phone");
  CHECK(event_detail(decision, "strike_counted") ==
        "A strike against Acme: Urgent had been claimed. That makes 2 strikes within 30 days; 3 of them downgrade it.");
  CHECK(told(decision).empty());
}

TEST_CASE("What a downgrade lowered is no strike when staff raise it and lower it again") {
  FairDesk desk;
  desk.context.record.strikes = 2;
  desk.context.record.tickets = {numbered(11, Priority::high)};
  desk.context.ticket = other(desk.done(PrioritizeCommand{Priority::high, ""}), 11);
  CHECK(desk.context.ticket->claim == LabelClaim::settled);
  desk.context.ticket = desk.done(PrioritizeCommand{Priority::high, ""}).ticket;
  CHECK_FALSE(desk.done(PrioritizeCommand{Priority::normal, ""}).strike);
}

TEST_CASE("What staff write into the subject for somebody is not his claim") {
  FairDesk desk;
  desk.context.ticket.reset();
  const auto decision = desk.done(NewCommand{{"", "jane@acme.example"}, "Urgent: fax", "x", Channel::portal});
  CHECK(decision.ticket->priority == Priority::urgent);
  CHECK(decision.ticket->claim == LabelClaim::none);
}

TEST_CASE("Lowering twice is one strike, and a new claim is another") {
  FairDesk desk;
  desk.context.ticket = desk.done(PrioritizeCommand{Priority::normal, ""}).ticket;
  desk.context.ticket = desk.done(PrioritizeCommand{Priority::urgent, ""}).ticket;
  const auto again = desk.done(PrioritizeCommand{Priority::high, ""});
  CHECK_FALSE(again.strike);
  auto reply = reply_case("Urgent: Re: [SUP-17] Fax prints blank pages", *again.ticket);
  reply.context.candidates[0].ticket.response_due_at = reply.now - 1min;
  desk.context.ticket = reply.decide().ticket;
  REQUIRE(desk.context.ticket->priority == Priority::urgent);
  CHECK(desk.done(PrioritizeCommand{Priority::normal, ""}).strike);
}

TEST_CASE("A claim that staff raised before they lowered it is a strike all the same") {
  FairDesk desk;
  desk.context.ticket->priority = Priority::high;
  desk.context.ticket->claimed_priority = Priority::high;
  const auto raised = desk.done(PrioritizeCommand{Priority::urgent, ""});
  CHECK_FALSE(raised.strike);
  desk.context.ticket = raised.ticket;
  const auto back = desk.done(PrioritizeCommand{Priority::high, ""});
  CHECK_FALSE(back.strike);  // what was claimed stands
  CHECK(desk.done(PrioritizeCommand{Priority::normal, ""}).strike);
  desk.context.ticket = back.ticket;
  CHECK(desk.done(PrioritizeCommand{Priority::normal, ""}).strike);
}

TEST_CASE("How a claim counts") {
  struct Case {
    const char* name;
    std::string subject;
    const char* authentication;
    Channel channel;
    LabelClaim claim;
  };
  const std::vector<Case> cases{
      {"none", "Fax", "pass", Channel::portal, LabelClaim::none},
      {"Urgent", "Urgent: fax", "pass", Channel::portal, LabelClaim::counts},
      {"High", "fax (high)", "pass", Channel::portal, LabelClaim::counts},
      {"Normal", "Normal: fax", "pass", Channel::portal, LabelClaim::none},
      {"forged", "Urgent: fax", "fail", Channel::portal, LabelClaim::unproven},
      {"not granted", "Urgent: fax", "pass", Channel::direct, LabelClaim::none},
  };
  for (const auto& example : cases) {
    INFO(example.name);
    DeskCase desk;
    desk.email = customer_mail(example.subject);
    desk.arrived.mailbox_channel = example.channel;
    desk.ruleset.authserv_id = "mx.example.com";
    desk.add_field("Authentication-Results",
                   fmt::format("mx.example.com; dmarc={} header.from=acme.example", example.authentication));
    CHECK(desk.decide().ticket->claim == example.claim);
  }
  DeskCase downgraded;
  downgraded.email = customer_mail("Urgent: fax");
  downgraded.context.downgraded_until = downgraded.now + 1s;
  CHECK(downgraded.decide().ticket->claim == LabelClaim::none);
  downgraded.context.downgraded_until = downgraded.now;
  CHECK(downgraded.decide().ticket->claim == LabelClaim::counts);
}

}  // namespace ticketd
