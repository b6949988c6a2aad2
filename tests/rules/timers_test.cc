#include "rules/timers.h"

#include <catch2/catch.hpp>

#include "tests/rules/clock_desk.h"

namespace ticketd {

TEST_CASE("A target is warned of once, and its breach told once") {
  ClockDesk desk;
  desk.owe(Priority::high);
  const Time start = tuesday_ten();
  CHECK(next_check(desk.ticket(), desk.ruleset) == start + 90min);

  const auto early = desk.look_at(start + 89min);
  CHECK(early.outgoing.empty());
  CHECK(early.events.empty());

  const auto warned = desk.look_at(start + 90min);
  CHECK(has_event(warned, "response_close"));
  CHECK(recipients_of(warned, OutboxKind::page) == Names{"eva@example.com", "15550001@sms.example.net"});
  CHECK(warned.ticket->check_at == start + 120min);
  CHECK(desk.look_at(start + 91min).outgoing.empty());

  const auto breached = desk.look_at(start + 120min);
  CHECK(has_event(breached, "response_breached"));
  CHECK(recipients_of(breached, OutboxKind::page).size() == 3);
  CHECK(recipients_of(breached, OutboxKind::breach) == Names{"jane@acme.example"});
  CHECK_FALSE(breached.ticket->check_at);
  CHECK(desk.look_at(start + 500min).outgoing.empty());
}

TEST_CASE("The breach notice offers no raise that would be refused") {
  ClockDesk desk;
  desk.owe(Priority::high);
  const auto offers = [&] {
    auto once = desk;
    const auto decision = once.look_at(*desk.ticket().response_due_at + 1s);
    for (const auto& mail : decision.outgoing)
      if (mail.kind == OutboxKind::breach && mail.recipients == Names{"jane@acme.example"})
        return plain_text_of(mail.octets).find("raise its category") != std::string::npos;
    FAIL("the customer is not told");
    return false;
  };
  CHECK(offers());
  SECTION("of a downgraded organization") { desk.context.downgraded_until = desk.now + std::chrono::days{30}; }
  SECTION("of what came by telephone") { desk.ticket().channel = Channel::phone; }
  CHECK_FALSE(offers());
}

TEST_CASE("Whoever slept over a warning hears of the breach alone") {
  ClockDesk desk;
  desk.owe(Priority::high);
  const auto decision = desk.look_at(tuesday_ten() + 24h * 365);
  CHECK(has_event(decision, "response_breached"));
  CHECK_FALSE(has_event(decision, "response_close"));
  CHECK_FALSE(decision.ticket->check_at);
}

TEST_CASE("What is answered is warned of no more") {
  ClockDesk desk;
  desk.owe(Priority::urgent);
  desk.ticket().responded_at = tuesday_ten() + 1min;
  CHECK_FALSE(next_check(desk.ticket(), desk.ruleset));
  CHECK(desk.look_at(tuesday_ten() + 5h).outgoing.empty());
}

TEST_CASE("A Normal ticket's target runs in office hours, and its breach is told to staff alone") {
  ClockDesk desk;
  const Time evening = tuesday_ten() + 6h;  // the office closes at 17:30
  desk.owe(Priority::normal, evening);
  const Time due = tuesday_ten() + 24h + 1h + 30min;
  CHECK(desk.ticket().response_due_at == due);
  CHECK(next_check(desk.ticket(), desk.ruleset) == due - 1h);
  const auto decision = desk.look_at(due);
  CHECK(recipients_of(decision, OutboxKind::breach) == Names{"duke@example.com"});
}

TEST_CASE("Which customers hear of a breach is a matter of texts") {
  ClockDesk desk;
  REQUIRE(desk.templates.replace("breach-normal.txt", "Subject: {subject}\n\nIt is late. {raise_offer}\n").empty());
  REQUIRE(desk.templates.replace("breach.txt", "").empty());
  desk.owe(Priority::normal);
  const auto normal = desk.look_at(tuesday_ten() + 4h);
  CHECK(recipients_of(normal, OutboxKind::breach) == Names{"jane@acme.example", "duke@example.com"});
  CHECK(has_event(normal, "breach_notice_queued"));
  CHECK(plain_text_of(normal.outgoing[0].octets).find("reply") != std::string::npos);
  ClockDesk silent;
  silent.templates = desk.templates;
  silent.owe(Priority::high);
  const auto high = silent.look_at(tuesday_ten() + 2h);
  CHECK(has_event(high, "response_breached"));
  CHECK(recipients_of(high, OutboxKind::breach).empty());
  CHECK_FALSE(has_event(high, "breach_notice_queued"));
}

TEST_CASE("An Urgent ticket that nobody takes is paged again, and at last to every engineer") {
  ClockDesk desk;
  desk.ruleset.staff.push_back(member("Otto", "engineer"));
  desk.ruleset.staff.back().available.clear();
  desk.owe(Priority::urgent);
  desk.ticket().notices.breach_told_at = desk.ticket().notices.warned_at = tuesday_ten();
  desk.ticket().notices.paged_at = tuesday_ten();
  for (int repeat = 1; repeat <= 4; ++repeat) {
    const auto decision = desk.look_at(tuesday_ten() + repeat * 10min);
    INFO(repeat);
    CHECK(has_event(decision, "staff_paged"));
    const auto told = recipients_of(decision, OutboxKind::page);
    CHECK((std::ranges::find(told, "otto@example.com") != told.end()) == (repeat == 4));
  }
  CHECK_FALSE(desk.ticket().check_at);
  SECTION("and anew once it is opened again") {
    restart_clock(desk.ticket(), desk.now, desk.ruleset);
    CHECK(desk.ticket().notices.page_repeats == 0);
  }
  SECTION("until somebody has it") {
    desk.ticket().notices.page_repeats = 0;
    CHECK(next_check(desk.ticket(), desk.ruleset));
    desk.ticket().assignee = "Eva";
    CHECK(next_check(desk.ticket(), desk.ruleset));  // who was given it may not know
    desk.ticket().taken = true;
    CHECK_FALSE(next_check(desk.ticket(), desk.ruleset));
  }
}

TEST_CASE("A clock that was set back keeps no page waiting") {
  ClockDesk desk;
  desk.owe(Priority::urgent);
  desk.ticket().notices.breach_told_at = desk.ticket().notices.warned_at = tuesday_ten();
  desk.ticket().notices.paged_at = tuesday_ten();
  desk.ticket().check_at = next_check(desk.ticket(), desk.ruleset);
  const auto at_once = with_page_brought_forward(desk.ticket(), desk.ruleset, tuesday_ten());
  CHECK(at_once.check_at == tuesday_ten() + 10min);
  const auto later = with_page_brought_forward(desk.ticket(), desk.ruleset, tuesday_ten() - 24h);
  CHECK(later.notices.paged_at == tuesday_ten() - 24h);
  CHECK(later.check_at == tuesday_ten() - 24h + 10min);
  desk.ticket().notices.paged_at.reset();
  CHECK_FALSE(with_page_brought_forward(desk.ticket(), desk.ruleset, tuesday_ten()).notices.paged_at);
}

TEST_CASE("The last call goes to every engineer, whatever else is due in the same look") {
  struct Case {
    const char* name;
    Duration response;  ///< of which three quarters are when the warning is due
    std::uint32_t repeats;
    bool is_last;
  };
  const Case cases[] = {
      {"a breach", 40min, 3, true},  {"a breach, and it is not the last", 40min, 1, false},
      {"a warning", 50min, 3, true}, {"a warning, and it is not the last", 50min, 1, false},
      {"neither", 90min, 3, true},
  };
  for (const auto& c : cases) {
    INFO(c.name);
    ClockDesk desk;
    desk.ruleset.staff.push_back(member("Otto", "engineer"));
    desk.ruleset.staff.back().available.clear();
    desk.ruleset.urgent.response = c.response;
    desk.owe(Priority::urgent);
    desk.ticket().notices.paged_at = tuesday_ten() + 30min;
    desk.ticket().notices.page_repeats = c.repeats;
    const auto decision = desk.look_at(tuesday_ten() + 40min);
    const auto paged = recipients_of(decision, OutboxKind::page);
    CHECK(std::ranges::count(paged, "eva@example.com") == 1);
    CHECK(std::ranges::count(paged, "otto@example.com") == (c.is_last ? 1 : 0));
    CHECK(desk.ticket().notices.page_repeats == c.repeats + 1);
    CHECK(has_event(decision, "response_breached") == (c.response == 40min));
  }
}

TEST_CASE("An assignee who left the staff has nothing: the page goes out again") {
  ClockDesk desk;
  desk.owe(Priority::urgent);
  desk.ticket().notices.paged_at = tuesday_ten();
  desk.ticket().assignee = "Bob";
  desk.ticket().taken = true;
  CHECK(next_check(desk.ticket(), desk.ruleset) == tuesday_ten() + 10min);
  CHECK(has_event(desk.look_at(tuesday_ten() + 10min), "staff_paged"));
}

TEST_CASE("What is added to an untaken ticket puts no repetition off") {
  struct Case {
    const char* name;
    StaffEvent event;
    bool restarts;
  };
  const Case cases[] = {
      {"opened", StaffEvent::opened, true},
      {"raised", StaffEvent::raised, true},
      {"reopened", StaffEvent::reopened, true},
      {"page not taken", StaffEvent::page_unanswered, true},
      {"target close", StaffEvent::target_close, false},
      {"breached", StaffEvent::breached, false},
      {"customer wrote", StaffEvent::customer_wrote, false},
      {"stranger wrote", StaffEvent::stranger_wrote, false},
      {"raise refused", StaffEvent::raise_refused, false},
  };
  for (const auto& c : cases) {
    INFO(c.name);
    ClockDesk desk;
    desk.owe(Priority::urgent);
    desk.ticket().notices.paged_at = tuesday_ten();
    Decision decision;
    decision.ticket = desk.ticket();
    decision.news = {{c.event, {}}};
    const TokenSource tokens = [] { return std::string(32, 'f'); };
    const Time now = tuesday_ten() + 9min;
    tell_staff({{}, {}, desk.ruleset, desk.templates, now, tokens}, decision);
    CHECK(has_event(decision, "staff_paged"));
    CHECK(decision.ticket->notices.paged_at == (c.restarts ? now : tuesday_ten()));
  }
}

TEST_CASE("A reopened ticket has no estimate any more") {
  ClockDesk desk;
  desk.ticket().estimate_at = tuesday_ten() + 1h;
  desk.ticket().notices.estimate_passed_at = tuesday_ten() + 1h;
  restart_clock(desk.ticket(), tuesday_ten() + 2h, desk.ruleset);
  CHECK_FALSE(desk.ticket().estimate_at);
  CHECK_FALSE(desk.ticket().notices.estimate_passed_at);
}

TEST_CASE("A passed estimate is told once, to the assignee") {
  ClockDesk desk;
  desk.ticket().response_due_at.reset();
  desk.ticket().assignee = "Eva";
  desk.ticket().estimate_at = tuesday_ten() + 1h;
  CHECK(next_check(desk.ticket(), desk.ruleset) == tuesday_ten() + 1h);
  const auto decision = desk.look_at(tuesday_ten() + 1h);
  CHECK(recipients_of(decision, OutboxKind::notification) == Names{"eva@example.com"});
  CHECK(desk.look_at(tuesday_ten() + 2h).outgoing.empty());
}

TEST_CASE("Nobody is paged for what failed authentication, nor is its sender written to") {
  ClockDesk desk;
  desk.owe(Priority::urgent);
  desk.ticket().no_page_reason = "The sender failed authentication.";
  const auto decision = desk.look_at(tuesday_ten() + 30min);
  CHECK(recipients_of(decision, OutboxKind::page).empty());
  const auto told = recipients_of(decision, OutboxKind::breach);
  CHECK(std::ranges::find(told, "eva@example.com") != told.end());
  CHECK(std::ranges::find(told, "jane@acme.example") == told.end());
}

}  // namespace ticketd
