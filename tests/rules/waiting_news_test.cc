// News that waits for a digest.
#include <catch2/catch.hpp>

#include "tests/rules/clock_desk.h"

namespace ticketd {

TEST_CASE("A digest leaves out what somebody has seen to since") {
  struct Case {
    const char* name;
    StaffEvent event;
    void (*change)(Ticket&);
    bool is_told;
  };
  const auto nothing = [](Ticket&) {};
  const auto given = [](Ticket& ticket) { ticket.assignee = "Eva"; };
  const auto taken = [](Ticket& ticket) {
    ticket.assignee = "Eva";
    ticket.taken = true;
  };
  const auto left = [](Ticket& ticket) {
    ticket.assignee = "Bob";
    ticket.taken = true;
  };
  const auto answered = [](Ticket& ticket) { ticket.responded_at = tuesday_ten() + 5min; };
  const auto resolved = [](Ticket& ticket) { ticket.status = TicketStatus::resolved; };
  const auto closed_before = [](Ticket& ticket) {
    ticket.status = TicketStatus::closed;
    ticket.closed_at = tuesday_ten() - 1h;
  };
  const auto closed_since = [](Ticket& ticket) {
    ticket.status = TicketStatus::closed;
    ticket.closed_at = tuesday_ten() + 5min;
  };
  const Case cases[] = {
      {"new", StaffEvent::opened, nothing, true},
      {"new, taken", StaffEvent::opened, taken, false},
      {"new and Urgent, given to somebody, who may not know", StaffEvent::opened, given, true},
      {"untaken, given to somebody", StaffEvent::page_unanswered, given, true},
      {"new, of one who left", StaffEvent::opened, left, true},
      {"untaken", StaffEvent::page_unanswered, nothing, true},
      {"untaken, taken", StaffEvent::page_unanswered, taken, false},
      {"untaken, of one who left", StaffEvent::page_unanswered, left, true},
      {"untaken, answered", StaffEvent::page_unanswered, answered, false},
      {"due soon", StaffEvent::target_close, taken, true},
      {"due soon, answered", StaffEvent::target_close, answered, false},
      {"overdue", StaffEvent::breached, taken, true},
      {"overdue, answered", StaffEvent::breached, answered, false},
      {"overdue, resolved", StaffEvent::breached, resolved, false},
      {"a customer's words, answered", StaffEvent::customer_wrote, answered, true},
      {"a stranger's words, closed since", StaffEvent::stranger_wrote, closed_since, false},
      {"a stranger's words on a closed one", StaffEvent::stranger_wrote, closed_before, true},
  };
  const TokenSource tokens = [] { return std::string(32, 'f'); };
  for (const auto& c : cases) {
    INFO(c.name);
    ClockDesk desk;
    desk.owe(Priority::urgent);
    c.change(desk.ticket());
    const DigestEntry entry{1,       tuesday_ten() + 10min, {"Eva", "eva@example.com"}, false, TicketId{17},
                            c.event, tuesday_ten()};
    const auto told =
        decide_digests({{entry, desk.ticket()}}, desk.ruleset, desk.templates, tuesday_ten() + 10min, tokens);
    CHECK(told.told.size() == 1);
    CHECK(told.outgoing.size() == (c.is_told ? 1 : 0));
  }
}

TEST_CASE("A flood goes into one digest page") {
  ClockDesk desk;
  desk.owe(Priority::urgent);
  SECTION("of one sender") { desk.context.news.of_sender = 20; }
  SECTION("of one organization") { desk.context.news.of_organization = 20; }
  SECTION("of all together") { desk.context.news.in_all = 200; }
  const auto decision = desk.look_at(tuesday_ten() + 30min + 1s);
  CHECK(recipients_of(decision, OutboxKind::page).empty());
  REQUIRE_FALSE(decision.digest.empty());
  CHECK(decision.digest[0].at == tuesday_ten() + 40min);
  CHECK(decision.digest[0].is_page);
  CHECK_FALSE(decision.counts_for_page_limit);

  std::vector<DueNews> due;
  for (const auto& entry : decision.digest) due.push_back({entry, desk.ticket()});
  for (const auto& entry : decision.digest) due.push_back({entry, desk.ticket()});
  const TokenSource tokens = [] { return std::string(32, 'f'); };
  const auto told = decide_digests(due, desk.ruleset, desk.templates, tuesday_ten() + 40min, tokens);
  CHECK(told.told.size() == due.size());
  const auto pages = recipients_of(told, OutboxKind::page);
  CHECK(pages.size() == decision.digest.size());
  CHECK(std::ranges::find(pages, "15550001@sms.example.net") != pages.end());
}

TEST_CASE("A digest names the first hundred tickets and counts the others") {
  ClockDesk desk;
  std::vector<DueNews> due;
  for (int i = 1; i <= 250; ++i) {
    auto ticket = ticket_17();
    ticket.number = TicketId{i};
    due.push_back({{i, tuesday_ten(), {"Duke", "duke@example.com"}, false, ticket.number, StaffEvent::opened}, ticket});
  }
  const TokenSource tokens = [] { return std::string(32, 'f'); };
  const auto decision = decide_digests(due, desk.ruleset, desk.templates, tuesday_ten(), tokens);
  REQUIRE(decision.outgoing.size() == 1);
  const auto text = plain_text_of(decision.outgoing[0].octets);
  CHECK(text.find("250 tickets wait") != std::string::npos);
  CHECK(text.find("and 150 more") != std::string::npos);
}

TEST_CASE("A new Normal ticket waits until the office opens, unless somebody has it by then") {
  DeskCase desk;
  desk.ruleset.staff = {member("Duke", "duty")};
  desk.now = tuesday_ten() + 10h;
  desk.arrived.internal_date = desk.now;
  const auto decision = desk.decide_all();
  REQUIRE(decision.digest.size() == 1);
  CHECK(decision.digest[0].at == tuesday_ten() + 23h);
  CHECK_FALSE(decision.digest[0].is_page);
  CHECK(decision.digest[0].to.addr_spec == "duke@example.com");

  auto ticket = *decision.ticket;
  const TokenSource tokens = [] { return std::string(32, 'f'); };
  const auto told = [&] {
    return decide_digests({{decision.digest[0], ticket}}, desk.ruleset, desk.templates, decision.digest[0].at, tokens);
  };
  CHECK(recipients_of(told(), OutboxKind::digest) == Names{"duke@example.com"});
  ticket.assignee = "Duke";
  CHECK(told().outgoing.empty());
  CHECK(told().told.size() == 1);
}

}  // namespace ticketd
