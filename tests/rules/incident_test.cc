#include <catch2/catch.hpp>

#include "rules/mail_values.h"
#include "tests/rules/incident_samples.h"

namespace ticketd {

TEST_CASE("Which requests belong to an incident") {
  struct Case {
    const char* name;
    IncidentMatch match;
    std::string pattern;
    bool belongs;
  };
  const Case cases[] = {
      {"by hand", IncidentMatch::by_hand, "", false},
      {"all", IncidentMatch::all, "", true},
      {"a word of the subject, any case", IncidentMatch::words, "PHONES", true},
      {"a word of the text", IncidentMatch::words, "dial tone", true},
      {"an expression", IncidentMatch::words, "(calls?|phones?) (are )?down", true},
      {"a part of a word", IncidentMatch::words, "hone", true},
      {"a whole word is not there", IncidentMatch::words, "\\bhone\\b", false},
      {"other words", IncidentMatch::words, "fax", false},
      {"what is no expression", IncidentMatch::words, "(", false},
      {"the organization, any case", IncidentMatch::organization, "acme", true},
      {"another organization", IncidentMatch::organization, "Acme UK", false},
      {"no organization", IncidentMatch::organization, "", false},
  };
  for (const auto& c : cases) {
    INFO(c.name);
    const auto* found =
        matching_incident({open_incident(1, c.match, c.pattern)}, {"Phones down", "No dial tone since ten.", "Acme"});
    CHECK((found != nullptr) == c.belongs);
  }
}

TEST_CASE("Of several incidents, the one that says most is meant, then the latest") {
  auto all = open_incident(5, IncidentMatch::all);
  auto words = open_incident(1, IncidentMatch::words, "phones");
  auto organization = open_incident(2, IncidentMatch::organization, "Acme");
  const auto number = [](const std::vector<Incident>& open) {
    return static_cast<int>(matching_incident(open, {"Phones down", "", "Acme"})->number);
  };
  CHECK(number({all, words, organization}) == 1);
  CHECK(number({all, organization}) == 2);
  auto later = open_incident(6, IncidentMatch::all);
  CHECK(number({all, later}) == 6);
  later.opened_at -= 1h;
  CHECK(number({all, later}) == 5);
}

TEST_CASE("A request that belongs to an open incident waits for it") {
  DeskCase desk;
  desk.email.subject = "Urgent: phones down";
  desk.context.incidents = {open_incident(3, IncidentMatch::words, "phones")};
  desk.ruleset.support.status_url = "https://status.example.com/";
  const auto decision = desk.decide();
  REQUIRE(decision.ticket);
  const auto& ticket = *decision.ticket;
  CHECK(ticket.incident == 3);
  CHECK(ticket.waits_for_incident);
  CHECK(ticket.clock_suspended);
  CHECK(ticket.priority == Priority::urgent);
  CHECK_FALSE(ticket.response_due_at);
  CHECK_FALSE(ticket.warn_at);
  CHECK_FALSE(ticket.check_at);
  CHECK(decision.news.empty());
  CHECK(has_event(decision, "incident_linked"));
  CHECK(has_event(decision, "staff_not_told"));
  CHECK_FALSE(has_event(decision, "staff_paged"));
  REQUIRE(decision.outgoing.size() == 1);
  CHECK(decision.outgoing[0].kind == OutboxKind::acknowledgement);
  const auto text = plain_text_of(decision.outgoing[0].octets);
  for (const auto* words : {"No inbound calls", "they expect an hour", "https://status.example.com/"})
    CHECK(text.find(words) != std::string::npos);
  CHECK(text.find("within 30 minutes") == std::string::npos);
}

TEST_CASE("Words of an incident are looked for in what the customer wrote himself") {
  DeskCase desk;
  desk.context.incidents = {open_incident(3, IncidentMatch::words, "\\bcalls?\\b")};
  desk.email.subject = "Site on fire";
  bool belongs = false;
  SECTION("a text") {
    desk.email.text = "No calls come in.\n";
    belongs = true;
  }
  SECTION("a part of a word") { desk.email.text = "Basically nothing works.\n"; }
  SECTION("a signature") { desk.email.text = "Everybody is out.\n\n-- \nJane Doe\nCall me: +1 555 123\n"; }
  SECTION("a quote") {
    desk.email.text = "Everybody is out.\n\nOn Mon, 23 Nov 2026 at 09:00, Bob wrote:\n> no calls come in\n";
  }
  CHECK(desk.decide().ticket->waits_for_incident == belongs);
}

TEST_CASE("What belongs to no incident, although one means all") {
  DeskCase desk;
  desk.context.incidents = {open_incident(3, IncidentMatch::all)};
  SECTION("a machine's mail") { desk.add_field("Auto-Submitted", "auto-replied"); }
  SECTION("spam") { desk.add_field("X-Spam-Flag", "YES"); }
  SECTION("a mail that only goes on record") { desk.arrived.backlog = desk.arrived.silent = true; }
  SECTION("a list's mail") { desk.add_field("List-Id", "<news.example.org>"); }
  SECTION("a mail from where nobody reads") { desk.email.from->addr_spec = "no-reply@acme.example"; }
  SECTION("a mail whose sender failed authentication") {
    desk.ruleset.authserv_id = "mx.example.com";
    desk.add_field("Authentication-Results",
                   "mx.example.com; dmarc=fail header.from=acme.example; dkim=fail; spf=fail");
  }
  const auto decision = desk.decide();
  REQUIRE(decision.ticket);
  CHECK_FALSE(decision.ticket->incident);
  CHECK_FALSE(decision.ticket->waits_for_incident);
}

TEST_CASE("Whoever has had his automatic answers waits for the incident all the same: nobody is paged") {
  DeskCase desk;
  desk.context.incidents = {open_incident(3, IncidentMatch::all)};
  SECTION("the limit of the sender") { desk.context.automatic_answers_to_sender = 1000; }
  SECTION("the limit of all together") { desk.context.automatic_answers_in_all = 100000; }
  const auto decision = desk.decide();
  CHECK_FALSE(decision.acknowledges);
  REQUIRE(decision.ticket);
  CHECK(decision.ticket->waits_for_incident);
  CHECK(decision.news.empty());
}

TEST_CASE("A caller's ticket waits for an incident too, and raising it by hand pages nobody") {
  CommandDesk desk;
  SECTION("ticketctl new") {
    const auto decision = desk.done(NewCommand{{"Jane", "jane@acme.example"}, "Phones down", "", Channel::phone});
    CHECK(decision.ticket->incident == 3);
    CHECK(decision.ticket->waits_for_incident);
    CHECK(decision.news.empty());
    REQUIRE(decision.outgoing.size() == 1);
    CHECK(plain_text_of(decision.outgoing[0].octets).find("No inbound calls") != std::string::npos);
  }
  SECTION("raised by staff") {
    desk.context.ticket->priority = Priority::normal;
    const auto decision = desk.done(PrioritizeCommand{Priority::urgent, ""});
    CHECK_FALSE(decision.ticket->response_due_at);
    CHECK(decision.ticket->clock_suspended);
    CHECK_FALSE(has_event(decision, "staff_paged"));
    CHECK_FALSE(decision.ticket->notices.paged_at);
  }
}

TEST_CASE("Linking by hand") {
  CommandDesk desk;
  auto& ticket = *desk.context.ticket;
  ticket.incident.reset();
  ticket.waits_for_incident = ticket.clock_suspended = false;
  ticket.response_due_at = tuesday_ten() + 10min;
  ticket.warn_at = tuesday_ten() + 5min;
  ticket.notices.paged_at = tuesday_ten() - 5min;
  const IncidentCommand link{IncidentNumber{3}};
  SECTION("suspends the clock and ends the page, and tells nobody") {
    const auto decision = desk.done(link);
    CHECK(decision.ticket->incident == 3);
    CHECK(decision.ticket->clock_suspended);
    CHECK_FALSE(decision.ticket->response_due_at);
    CHECK_FALSE(decision.ticket->check_at);
    REQUIRE(decision.outgoing.size() == 1);
    CHECK(decision.outgoing[0].recipients == std::vector<std::string>{"jane@acme.example"});
    const auto text = plain_text_of(decision.outgoing[0].octets);
    for (const auto* words : {"No inbound calls", "they expect an hour"}) CHECK(text.find(words) != std::string::npos);
    CHECK(event_kinds(decision) == std::vector<std::string>{"incident_linked", "answer_queued"});
  }
  SECTION("does not undo a breach") {
    ticket.response_due_at = tuesday_ten() - 1min;
    const auto decision = desk.done(link);
    CHECK(decision.ticket->response_due_at == ticket.response_due_at);
    CHECK_FALSE(decision.ticket->clock_suspended);
    CHECK(is_breached(*decision.ticket, tuesday_ten()));
    desk.context.ticket = decision.ticket;
    CHECK(desk.done(IncidentCommand{}).ticket->response_due_at == ticket.response_due_at);
  }
  SECTION("forgets whom the page has reached, and how often") {
    ticket.notices.page_repeats = 2;
    desk.context.ticket = desk.done(link).ticket;
    CHECK(desk.context.ticket->notices.page_repeats == 0);
    desk.context.ticket->notices.page_repeats = 1;
    CHECK(desk.done(IncidentCommand{}).ticket->notices.page_repeats == 0);
  }
  SECTION("of one that was answered leaves its clock as it was") {
    ticket.responded_at = tuesday_ten() - 1min;
    const auto decision = desk.done(link);
    CHECK(decision.ticket->response_due_at == ticket.response_due_at);
    CHECK_FALSE(decision.ticket->clock_suspended);
  }
  SECTION("is refused") {
    CHECK(desk.refused(IncidentCommand{IncidentNumber{4}}) ==
          "There is no open incident 4; open: incident 3 (\"No inbound calls\").");
    ticket.status = TicketStatus::resolved;
    CHECK(desk.refused(link) == "Ticket #17 is resolved: it waits for nothing.");
    ticket.status = TicketStatus::closed;
    CHECK(desk.refused(link).find("reopen it first") != std::string::npos);
    ticket.status = TicketStatus::open;
    ticket.incident = 3;
    ticket.waits_for_incident = true;
    CHECK(desk.refused(link) == "Ticket #17 is linked to incident 3 already.");
  }
}

TEST_CASE("Closing a ticket that waits says that it had not been answered") {
  CommandDesk desk;
  CHECK(event_detail(desk.done(CloseCommand{}), "ticket_closed").find("had not been answered") != std::string::npos);
  desk.context.ticket->clock_suspended = false;
  desk.context.ticket->responded_at = tuesday_ten() - 1h;
  CHECK(event_detail(desk.done(CloseCommand{}), "ticket_closed").find("had not been answered") == std::string::npos);
}

TEST_CASE("Mails about a ticket that waits name the incident in place of a promise") {
  auto ticket = waiting_ticket();
  const auto promise = [&] { return in_english(ticket_values(ticket, sample_ruleset(), tuesday_ten())["promise"]); };
  CHECK(promise().find("(incident 3)") != std::string::npos);
  ticket.clock_suspended = false;
  CHECK(promise().empty());
}

TEST_CASE("Unlinking restarts the clock") {
  CommandDesk desk;
  auto& ticket = *desk.context.ticket;
  SECTION("from now, and staff hear of a ticket that nobody has heard of") {
    const auto decision = desk.done(IncidentCommand{});
    CHECK_FALSE(decision.ticket->incident);
    CHECK_FALSE(decision.ticket->waits_for_incident);
    CHECK(decision.ticket->response_due_at == tuesday_ten() + 30min);
    CHECK(decision.ticket->clock_from == tuesday_ten());
    CHECK(decision.ticket->check_at);
    CHECK(has_event(decision, "incident_unlinked"));
    CHECK(has_event(decision, "staff_paged"));
    const auto mail = std::ranges::find(decision.outgoing, OutboxKind::incident, &OutgoingMail::kind);
    REQUIRE(mail != decision.outgoing.end());
    CHECK(plain_text_of(mail->octets).find("within 30 minutes, that is by 10:30") != std::string::npos);
  }
  SECTION("and the customer is not told where he can't be") {
    desk.context.undeliverable = {"jane@acme.example", tuesday_ten() - 1h, "550 gone", 1};
    const auto decision = desk.done(IncidentCommand{});
    CHECK(std::ranges::count(decision.outgoing, OutboxKind::incident, &OutgoingMail::kind) == 0);
    CHECK(has_event(decision, "answer_withheld"));
  }
  SECTION("not of one that somebody has answered") {
    ticket.responded_at = tuesday_ten() - 1min;
    ticket.status = TicketStatus::open;
    const auto decision = desk.done(IncidentCommand{});
    CHECK_FALSE(decision.ticket->response_due_at);
    CHECK_FALSE(decision.ticket->clock_suspended);
    CHECK(event_kinds(decision) == std::vector<std::string>{"incident_unlinked"});
  }
  SECTION("and staff hear of one that is owed an answer and that nobody has") {
    ticket.status = TicketStatus::open;
    SECTION("and never had") {}
    SECTION("any more") { ticket.assignee = "Bob Who Left"; }
    const auto decision = desk.done(IncidentCommand{});
    CHECK(has_event(decision, "staff_paged"));
    CHECK(decision.ticket->notices.paged_at == tuesday_ten());
  }
  SECTION("and who has it hears of it, unless it was he") {
    ticket.status = TicketStatus::open;
    desk.ruleset.staff.push_back(desk.ruleset.staff[0]);
    desk.ruleset.staff[1].name = "Ben";
    desk.ruleset.staff[1].email = "ben@example.com";
    desk.ruleset.staff[1].login = "ben";
    ticket.assignee = "Ben";
    const auto decision = desk.done(IncidentCommand{});
    REQUIRE(decision.outgoing.size() > 1);
    CHECK(decision.outgoing[1].recipients == std::vector{desk.ruleset.staff[1].email});
    desk.context.ticket->assignee = desk.ruleset.staff[0].name;
    CHECK(desk.done(IncidentCommand{}).news.empty());
  }
  SECTION("is refused where there is no incident") {
    ticket.incident.reset();
    CHECK(desk.refused(IncidentCommand{}) == "Ticket #17 is linked to no incident.");
  }
}

TEST_CASE("No answer from before it waited counts for the clock that unlinking starts") {
  CommandDesk desk;
  desk.context.ticket->answered.as_normal_at = tuesday_ten() - 2h;
  CHECK(desk.done(IncidentCommand{}).ticket->answered == EarlierAnswers{});
}

TEST_CASE("A ticket that is resolved and opened again while its incident is open goes on waiting") {
  CommandDesk desk;
  desk.context.ticket->status = TicketStatus::resolved;
  desk.context.ticket->responded_at = desk.context.ticket->resolved_at = tuesday_ten() - 5min;
  const auto decision = desk.done(ReopenCommand{});
  CHECK(decision.ticket->status == TicketStatus::open);
  CHECK(decision.ticket->clock_suspended);
  CHECK_FALSE(decision.ticket->response_due_at);
  CHECK_FALSE(has_event(decision, "staff_paged"));
}

TEST_CASE("Declaring an incident") {
  const auto ruleset = sample_ruleset();
  const auto decide = [&](IncidentMatch match, std::string pattern, std::string title = "Phones\r\ndown ") {
    return decide_open_incident({std::move(title), match, std::move(pattern), " We look. \n"}, {"Globex"}, ruleset,
                                tuesday_ten());
  };
  const auto incident = std::get<Incident>(decide(IncidentMatch::organization, " acme "));
  CHECK(incident.title == "Phones down");
  CHECK(incident.text == "We look.");
  CHECK(incident.pattern == "Acme");
  CHECK(incident.opened_at == tuesday_ten());
  const std::pair<const char*, const char*> organizations[] = {
      {"acme.example", "Acme"},           {"jane@acme.example", "Acme"},          {"GLOBEX", "Globex"},
      {"other.example", "other.example"}, {"tom@OTHER.example", "other.example"},
  };
  for (const auto& [words, name] : organizations) {
    INFO(words);
    CHECK(std::get<Incident>(decide(IncidentMatch::organization, words)).pattern == name);
  }
  CHECK(std::holds_alternative<Refusal>(decide(IncidentMatch::organization, "")));
  CHECK(std::holds_alternative<Refusal>(decide(IncidentMatch::organization, "freemail.example")));
  CHECK(std::holds_alternative<Refusal>(decide(IncidentMatch::organization, "Acne")));
  CHECK(std::holds_alternative<Refusal>(decide(IncidentMatch::words, "(phones")));
  CHECK(std::holds_alternative<Refusal>(decide(IncidentMatch::words, " ")));
  CHECK(std::holds_alternative<Refusal>(decide(IncidentMatch::all, "", " \n")));
  std::string title;
  for (int i = 0; i < 200; ++i) title += "ö";
  CHECK(std::holds_alternative<Incident>(decide(IncidentMatch::all, "", title)));
  CHECK(std::holds_alternative<Refusal>(decide(IncidentMatch::all, "", title + "x")));
}

}  // namespace ticketd
