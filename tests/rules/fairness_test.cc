// Reclassification and abuse (service-rules §4).
#include "tests/rules/fair_desk.h"

namespace ticketd {

TEST_CASE("A request for more that was refused makes no claim go away") {
  auto reply = reply_case("Urgent: Re: [SUP-17] Fax prints blank pages", claimed(Priority::high));
  FairDesk desk;
  desk.context.ticket = reply.decide().ticket;
  REQUIRE(desk.context.ticket->priority == Priority::high);
  CHECK(desk.context.ticket->requested_priority == Priority::urgent);
  CHECK(desk.done(PrioritizeCommand{Priority::normal, ""}).strike);
}

TEST_CASE("Of a downgraded organization a ticket is Normal when staff reopen it") {
  FairDesk desk;
  desk.context.ticket->status = TicketStatus::resolved;
  desk.context.ticket->resolved_at = desk.now - 1h;
  CHECK(desk.done(ReopenCommand{}).ticket->priority == Priority::urgent);
  desk.context.downgraded_until = desk.now + 1s;
  const auto decision = desk.done(ReopenCommand{});
  CHECK(decision.ticket->priority == Priority::normal);
  CHECK(decision.ticket->response_due_at == desk.now + 4h);
}

TEST_CASE("A claim that went into another organization's ticket is not its") {
  FairDesk desk;
  for (const auto* organization : {"Acme", "partner.example"}) {
    auto into = ticket_17();
    into.number = TicketId{12};
    into.organization = organization;
    desk.context.other = into;
    const auto merged = desk.done(MergeCommand{TicketId{12}}).ticket;
    CHECK(merged->priority == Priority::urgent);
    CHECK(merged->claim == (merged->organization == "Acme" ? LabelClaim::counts : LabelClaim::none));
  }
}

TEST_CASE("The last strike downgrades the organization") {
  FairDesk desk;
  desk.context.record.strikes = 2;
  desk.context.record.tickets = {numbered(11, Priority::high), numbered(12, Priority::urgent, "Ann Engineer"),
                                 numbered(13, Priority::urgent), numbered(14, Priority::high, "Ann Engineer"),
                                 claimed(Priority::urgent)};
  const auto decision = desk.done(PrioritizeCommand{Priority::high, ""});
  REQUIRE(decision.organization_standing);
  CHECK(decision.organization_standing->organization == "Acme");
  CHECK(decision.organization_standing->downgraded_until == desk.now + desk.ruleset.abuse_duration);
  CHECK(decision.strike);

  CHECK(decision.others.size() == 4);
  CHECK(decision.ticket->priority == Priority::normal);
  CHECK(other(decision, 11).priority == Priority::normal);
  CHECK(other(decision, 12).priority == Priority::urgent);
  CHECK(other(decision, 13).priority == Priority::normal);
  CHECK(other(decision, 14).priority == Priority::normal);
  CHECK(other(decision, 13).response_due_at == other(decision, 13).clock_from + 4h);
  CHECK(other(decision, 13).check_at == other(decision, 13).warn_at);

  const std::string because =
      "Acme is downgraded until 2027-02-22 10:00 (UTC). It has 3 strikes within 30 days: categories that it had "
      "claimed "
      "were lowered.";
  CHECK(detail_of(decision, 17, "organization_downgraded") == because);
  CHECK(detail_of(decision, 13, "category_changed") == "From Urgent to Normal: " + because);
  CHECK(detail_of(decision, 12, "category_kept") == "It stays Urgent, for Ann Engineer has it. " + because);
  CHECK(detail_of(decision, 12, "category_changed").empty());
  CHECK(detail_of(decision, 12, "staff_told").find("Ann Engineer") != std::string::npos);

  CHECK(told(decision) == std::vector<std::string>{"duty@example.com", "director@example.com", "ann@example.com"});
  const auto text = plain_text_of(decision.outgoing[0].octets);
  INFO(text);
  CHECK(field_of(decision.outgoing[0].octets, "Subject") == "Acme is downgraded until 2027-02-22 10:00 (UTC)");
  CHECK(text.find("Lowered to Normal:\n[SUP-17]") != std::string::npos);
  CHECK(text.find("Still Urgent, for somebody has it:\n[SUP-12] Subject 12") != std::string::npos);
  CHECK(text.find("ticketctl organization restore Acme") != std::string::npos);
  CHECK_FALSE(decision.outgoing[0].ticket);
  CHECK(decision.outgoing[2].ticket == TicketId{12});
  CHECK(field_of(decision.outgoing[2].octets, "Subject").find("Still Urgent, though") != std::string::npos);
}

TEST_CASE("How many strikes downgrade") {
  for (const std::uint32_t wanted : {1U, 2U, 3U})
    for (std::uint32_t before = 0; before < 4; ++before) {
      INFO(wanted << " " << before);
      FairDesk desk;
      desk.ruleset.abuse_strikes = wanted;
      desk.context.record.strikes = before;
      CHECK(desk.done(PrioritizeCommand{Priority::normal, ""}).organization_standing.has_value() ==
            (before + 1 >= wanted));
    }
  FairDesk spared;
  spared.context.record.strikes = 2;
  CHECK_FALSE(spared.done(PrioritizeCommand{Priority::normal, "", false}).organization_standing);
  FairDesk merged;
  merged.context.record.name = "partner.example";
  merged.context.record.strikes = 2;
  const auto decision = merged.done(PrioritizeCommand{Priority::normal, ""});
  CHECK(decision.strike->organization == "Acme");
  CHECK_FALSE(decision.organization_standing);
}

TEST_CASE("A downgrade is never shortened by another") {
  FairDesk desk;
  desk.context.record.strikes = 2;
  desk.context.record.downgraded_until = desk.now + std::chrono::days{200};
  CHECK(desk.done(PrioritizeCommand{Priority::normal, ""}).organization_standing->downgraded_until ==
        desk.now + std::chrono::days{200});
  desk.context.record.downgraded_until = desk.now - 1s;
  CHECK(desk.done(PrioritizeCommand{Priority::normal, ""}).organization_standing->downgraded_until ==
        desk.now + std::chrono::days{90});
}

TEST_CASE("Downgraded and restored by hand") {
  FairDesk desk;
  desk.context.ticket.reset();
  desk.context.record.tickets = {numbered(11, Priority::high), numbered(12, Priority::urgent, "Ann Engineer")};
  const auto down = std::get<Decision>(desk.by_hand(OrganizationCommand::downgrade));
  CHECK(down.organization_standing->downgraded_until == desk.now + std::chrono::days{90});
  CHECK_FALSE(down.ticket);
  CHECK_FALSE(down.strike);
  CHECK(other(down, 11).priority == Priority::normal);
  CHECK(other(down, 12).priority == Priority::urgent);
  CHECK(detail_of(down, 0, "organization_downgraded") ==
        "Acme is downgraded until 2027-02-22 10:00 (UTC). Downgraded by Ann Engineer.");
  CHECK(down.events[0].organization == "Acme");
  CHECK(told(down) == std::vector<std::string>{"duty@example.com", "director@example.com", "ann@example.com"});

  desk.context.record.tickets.clear();
  CHECK(std::get<Refusal>(desk.by_hand(OrganizationCommand::restore)).reason == "Acme is in good standing already.");
  desk.context.record.downgraded_until = desk.now;  // it has expired
  CHECK(std::holds_alternative<Refusal>(desk.by_hand(OrganizationCommand::restore)));
  desk.context.record.strikes = 1;  // it can be forgiven
  CHECK(std::holds_alternative<Decision>(desk.by_hand(OrganizationCommand::restore)));
  desk.context.record = {"Acme", desk.now + 1s, 0, {}};
  const auto up = std::get<Decision>(desk.by_hand(OrganizationCommand::restore));
  REQUIRE(up.organization_standing);
  CHECK_FALSE(up.organization_standing->downgraded_until);
  CHECK(up.others.empty());
  CHECK(detail_of(up, 0, "organization_restored") == "Acme is in good standing again. Restored by Ann Engineer.");
  CHECK(told(up) == std::vector<std::string>{"duty@example.com", "director@example.com"});
}

TEST_CASE("What is resolved already is not lowered by the strike that it brings") {
  FairDesk desk;
  desk.context.record.strikes = 2;
  desk.context.ticket->status = TicketStatus::resolved;
  const auto decision = desk.done(PrioritizeCommand{Priority::high, ""});
  REQUIRE(decision.organization_standing);
  CHECK(decision.ticket->priority == Priority::high);
}

TEST_CASE("A downgrade that is over by itself is on record, and staff hear of it") {
  FairDesk desk;
  const TokenSource tokens = [] { return std::string(32, 'f'); };
  const OrganizationRecord record{"Acme", desk.now - 1min, 1, {numbered(11, Priority::high)}};
  const auto over = decide_downgrade_over(record, desk.ruleset, desk.templates, desk.now, tokens);
  CHECK(over.downgrade_over == "Acme");
  CHECK_FALSE(over.organization_standing);
  CHECK(over.others.empty());
  CHECK(detail_of(over, 0, "downgrade_over") ==
        "Acme is in good standing again. Its downgrade lasted until 2026-11-24 09:59 (UTC).");
  CHECK(over.events[0].organization == "Acme");
  CHECK(told(over) == std::vector<std::string>{"duty@example.com", "director@example.com"});
  CHECK(field_of(over.outgoing[0].octets, "Subject") == "Acme is in good standing again");
}

TEST_CASE("While an organization is downgraded, what a reply reopens is Normal") {
  struct Case {
    const char* name;
    Duration downgraded_for;
    Priority priority;
    const char* assignee;
    Priority after;
    bool taken = true;
  };
  const std::vector<Case> cases{
      {"in good standing", 0s, Priority::urgent, "", Priority::urgent},
      {"it has expired", -1s, Priority::urgent, "", Priority::urgent},
      {"Urgent", 1s, Priority::urgent, "", Priority::normal},
      {"High that somebody has", 1s, Priority::high, "Ann Engineer", Priority::normal},
      {"Urgent that somebody had", 1s, Priority::urgent, "Ann Engineer", Priority::normal},
      {"Urgent that somebody was given", 1s, Priority::urgent, "Ann Engineer", Priority::normal, false},
      {"Urgent that somebody had who has left", 1s, Priority::urgent, "Bob", Priority::normal},
      {"Normal", 1s, Priority::normal, "", Priority::normal},
  };
  for (const auto& example : cases) {
    INFO(example.name);
    auto ticket = claimed(example.priority);
    ticket.status = TicketStatus::resolved;
    ticket.resolved_at = tuesday_ten() - 1h;
    ticket.assignee = example.assignee;
    ticket.taken = example.taken;
    auto desk = reply_case("Re: [SUP-17] Fax prints blank pages", ticket);
    if (example.downgraded_for != 0s) desk.context.candidates[0].downgraded_until = desk.now + example.downgraded_for;
    desk.email.from->addr_spec = "bob@partner.example";  // it is the ticket's organization that counts
    const auto decision = desk.decide();
    CHECK(decision.ticket->status == TicketStatus::open);
    CHECK(decision.ticket->priority == example.after);
    CHECK(has_event(decision, "category_changed") == (example.after != example.priority));
  }
}

TEST_CASE("Whoever is given a ticket by somebody else hears of it") {
  FairDesk desk;
  desk.context.ticket->priority = Priority::normal;
  const auto given = desk.done(AssignCommand{"The duty"});
  CHECK(told(given) == std::vector<std::string>{"duty@example.com"});
  CHECK(field_of(given.outgoing[0].octets, "Subject") == "[SUP-17] Given to you (Normal): Fax prints blank pages");
  CHECK(plain_text_of(given.outgoing[0].octets).find("Ann Engineer gave it to you.") != std::string::npos);
  CHECK(told(desk.done(AssignCommand{"ann"})).empty());
  CHECK(told(desk.done(TakeCommand{})).empty());
  desk.context.ticket = given.ticket;
  CHECK(told(desk.done(AssignCommand{"The duty"})).empty());
}

}  // namespace ticketd
