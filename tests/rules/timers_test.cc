#include "rules/timers.h"

#include <catch2/catch.hpp>

#include "parsers/ascii.h"
#include "rules/response_clock.h"
#include "rules/staff_notice.h"
#include "tests/rules/mail_samples.h"

namespace ticketd {

using namespace std::chrono_literals;

namespace {

StaffMember member(const std::string& name, const std::string& role) {
  StaffMember staff;
  staff.name = name;
  staff.email = to_lower(name) + "@example.com";
  staff.roles = {role};
  for (unsigned day = 0; day < 7; ++day) staff.available.push_back({std::chrono::weekday{day}, 0h, 24h});
  return staff;
}

/// A desk with somebody in every role, who looks at one ticket at one instant.
struct ClockDesk {
  CommandContext context{TicketId{200}, ticket_17(), {"jane@acme.example"}, {"m1@acme.example"}, {}};
  Ruleset ruleset = sample_ruleset();
  Templates templates;
  Time now = tuesday_ten();

  ClockDesk() {
    ruleset.staff = {member("Eva", "engineer"), member("Dora", "director"), member("Max", "managing-director"),
                     member("Duke", "duty")};
    ruleset.staff[0].page = {"15550001@sms.example.net"};
  }
  Ticket& ticket() { return *context.ticket; }
  void owe(Priority priority, Time from = tuesday_ten()) {
    ticket().priority = priority;
    ticket().clock_from = from;
    set_target(ticket(), from, ruleset);
  }
  /// Looks at the ticket, and keeps what came of it.
  Decision look_at(Time at) {
    int calls = 0;
    const TokenSource tokens = [&] { return fmt::format("{:032x}", ++calls); };
    now = at;
    auto decision = std::get<Decision>(decide_timer(context, ruleset, templates, now, tokens));
    context.ticket = decision.ticket;
    return decision;
  }
};

std::vector<std::string> recipients_of(const Decision& decision, OutboxKind kind) {
  std::vector<std::string> all;
  for (const auto& mail : decision.outgoing)
    if (mail.kind == kind) all.insert(all.end(), mail.recipients.begin(), mail.recipients.end());
  return all;
}

using Names = std::vector<std::string>;

}  // namespace

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
    CHECK_FALSE(next_check(desk.ticket(), desk.ruleset));
  }
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
  for (int i = 1; i <= 250; ++i)
    due.push_back(
        {{i, tuesday_ten(), {"Duke", "duke@example.com"}, false, TicketId{17}, StaffEvent::opened}, ticket_17()});
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

TEST_CASE("Raising starts a new target that is told of anew, lowering counts from the report") {
  ClockDesk desk;
  desk.owe(Priority::normal);
  desk.look_at(tuesday_ten() + 3h);
  CHECK(desk.ticket().notices.warned_at);
  change_priority(desk.ticket(), Priority::urgent, tuesday_ten() + 3h, desk.ruleset);
  CHECK_FALSE(desk.ticket().notices.warned_at);
  CHECK(desk.ticket().response_due_at == tuesday_ten() + 3h + 30min);
  change_priority(desk.ticket(), Priority::high, tuesday_ten() + 3h, desk.ruleset);
  CHECK(desk.ticket().response_due_at == tuesday_ten() + 2h);
  CHECK(next_check(desk.ticket(), desk.ruleset) == tuesday_ten() + 90min);
}

}  // namespace ticketd
