#include <catch2/catch.hpp>

#include "rules/incident_orders.h"
#include "rules/timers.h"
#include "tests/rules/mail_samples.h"

namespace ticketd {

using namespace std::chrono_literals;

namespace {

Incident open_incident(int number, IncidentMatch match, std::string pattern = {}) {
  Incident incident;
  incident.number = IncidentNumber{number};
  incident.title = "No inbound calls";
  incident.match = match;
  incident.pattern = std::move(pattern);
  incident.opened_at = tuesday_ten() - 10min;
  incident.text = "The carrier has a fault; they expect an hour.";
  return incident;
}

Ticket waiting_ticket() {
  Ticket ticket;
  ticket.number = TicketId{17};
  ticket.subject = "Phones down";
  ticket.priority = Priority::urgent;
  ticket.requester = {"Jane Doe", "jane@acme.example"};
  ticket.reply_to = "jane@acme.example";
  ticket.organization = "Acme";
  ticket.reported_at = ticket.clock_from = tuesday_ten() - 1h;
  ticket.incident = 3;
  ticket.waits_for_incident = ticket.clock_suspended = true;
  return ticket;
}

/// A command on ticket 17 while incident 3 is open, by Ann.
struct CommandDesk {
  CommandContext context{TicketId{200}, waiting_ticket(), {"jane@acme.example"}, {"m1@acme.example"}, {}};
  Ruleset ruleset = sample_ruleset();
  Templates templates;

  CommandDesk() { context.incidents = {open_incident(3, IncidentMatch::all)}; }
  [[nodiscard]] std::variant<Decision, Refusal> run(const StaffCommand& command) const {
    const TokenSource tokens = [] { return std::string(32, 'f'); };
    return decide_command(command, context, {"ann", &ruleset.staff[0]}, ruleset, templates, tuesday_ten(), tokens);
  }
  [[nodiscard]] Decision done(const StaffCommand& command) const { return std::get<Decision>(run(command)); }
  [[nodiscard]] std::string refused(const StaffCommand& command) const {
    return std::get<Refusal>(run(command)).reason;
  }
};

std::vector<std::string> event_kinds(const Decision& decision) {
  std::vector<std::string> kinds;
  for (const auto& event : decision.events) kinds.push_back(event.kind);
  return kinds;
}

}  // namespace

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

TEST_CASE("What belongs to no incident, although one means all") {
  DeskCase desk;
  desk.context.incidents = {open_incident(3, IncidentMatch::all)};
  SECTION("a machine's mail") { desk.add_field("Auto-Submitted", "auto-replied"); }
  SECTION("spam") { desk.add_field("X-Spam-Flag", "YES"); }
  SECTION("a mail that only goes on record") { desk.arrived.backlog = desk.arrived.silent = true; }
  const auto decision = desk.decide();
  REQUIRE(decision.ticket);
  CHECK_FALSE(decision.ticket->incident);
  CHECK_FALSE(decision.ticket->waits_for_incident);
}

TEST_CASE("A caller's ticket waits for an incident too, and a word of a waiting customer pages nobody") {
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
    CHECK(decision.outgoing.empty());
    CHECK(event_kinds(decision) == std::vector<std::string>{"incident_linked"});
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
  }
  SECTION("not of one that somebody has answered") {
    ticket.responded_at = tuesday_ten() - 1min;
    ticket.status = TicketStatus::open;
    const auto decision = desk.done(IncidentCommand{});
    CHECK_FALSE(decision.ticket->response_due_at);
    CHECK_FALSE(decision.ticket->clock_suspended);
    CHECK(event_kinds(decision) == std::vector<std::string>{"incident_unlinked"});
  }
  SECTION("is refused where there is no incident") {
    ticket.incident.reset();
    CHECK(desk.refused(IncidentCommand{}) == "Ticket #17 is linked to no incident.");
  }
}

TEST_CASE("A ticket is resolved with its incident") {
  CommandDesk desk;
  auto incident = desk.context.incidents[0];
  incident.text = "The carrier has repaired it.";
  const auto decision = desk.done(ResolveCommand{incident.text, {}, incident});
  CHECK(decision.ticket->status == TicketStatus::resolved);
  CHECK(decision.ticket->resolved_at == tuesday_ten());
  CHECK(decision.ticket->responded_at == tuesday_ten());
  CHECK(decision.ticket->incident == 3);
  CHECK_FALSE(decision.ticket->waits_for_incident);
  CHECK_FALSE(decision.ticket->clock_suspended);
  CHECK(decision.ticket->check_at);
  REQUIRE(decision.outgoing.size() == 1);
  CHECK(decision.outgoing[0].kind == OutboxKind::incident);
  const auto text = plain_text_of(decision.outgoing[0].octets);
  for (const auto* words : {"No inbound calls", "has repaired it", "test whether", "after 3 days"})
    CHECK(text.find(words) != std::string::npos);
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

TEST_CASE("Merging keeps the incident") {
  CommandDesk desk;
  auto other = waiting_ticket();
  other.number = TicketId{18};
  other.incident.reset();
  other.waits_for_incident = other.clock_suspended = false;
  other.response_due_at = tuesday_ten() + 20min;
  SECTION("of the ticket that goes") {
    desk.context.other = other;
    const auto decision = desk.done(MergeCommand{TicketId{18}});
    CHECK(decision.ticket->incident == 3);
    CHECK(decision.ticket->waits_for_incident);
    CHECK(decision.ticket->clock_suspended);
    CHECK_FALSE(decision.ticket->response_due_at);
    CHECK_FALSE(decision.absorbed->waits_for_incident);
  }
  SECTION("of the ticket that stays") {
    desk.context.other = waiting_ticket();
    desk.context.other->number = TicketId{18};
    other.number = TicketId{17};
    desk.context.ticket = other;
    const auto decision = desk.done(MergeCommand{TicketId{18}});
    CHECK(decision.ticket->waits_for_incident);
    CHECK(decision.ticket->clock_suspended);
    CHECK_FALSE(decision.ticket->response_due_at);
  }
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
