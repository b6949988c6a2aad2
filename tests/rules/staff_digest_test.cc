#include <catch2/catch.hpp>

#include "rules/staff_notice.h"
#include "tests/rules/mail_samples.h"

namespace ticketd {

using namespace std::chrono_literals;

namespace {

using Names = std::vector<std::string>;

/// Dora and Eve are duty staff beside Ann, an engineer with a pager.
struct DigestDesk {
  Ruleset ruleset = sample_ruleset();
  Templates templates;
  std::vector<DueNews> due;

  DigestDesk() {
    ruleset.staff[0].page = {"ann@pager.example"};
    for (const auto* name : {"dora", "eve"}) {
      StaffMember member;
      member.name = name;
      member.email = std::string(name) + "@example.com";
      member.roles = {"duty"};
      ruleset.staff.push_back(member);
    }
    ruleset.support.admins = {"admin@example.com"};
  }
  void add(const std::string& to, StaffEvent event = StaffEvent::opened, bool is_page = false,
           const Ticket& ticket = ticket_17()) {
    const auto id = static_cast<std::int64_t>(due.size()) + 1;
    due.push_back({{id, tuesday_ten(), {"", to}, is_page, ticket.number, event, tuesday_ten() - 1h}, ticket});
  }
  [[nodiscard]] Decision decide() const {
    const TokenSource tokens = [] { return std::string(32, 'f'); };
    return decide_digests(due, ruleset, templates, tuesday_ten(), tokens);
  }
  [[nodiscard]] Names told() const {
    Names names;
    for (const auto& mail : decide().outgoing) names.push_back(mail.recipients.at(0));
    std::ranges::sort(names);
    return names;
  }
  void send_away(std::size_t member) {
    const auto today = std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(tuesday_ten())};
    ruleset.staff[member].away = {{today, today}};
  }
};

}  // namespace

TEST_CASE("A digest goes to whom it was written for") {
  DigestDesk desk;
  desk.add("dora@example.com");
  desk.add("admin@example.com");
  desk.add("ann@pager.example", StaffEvent::opened, true);
  CHECK(desk.told() == Names{"admin@example.com", "ann@pager.example", "dora@example.com"});
  CHECK(desk.decide().events.empty());
}

TEST_CASE("A new ticket is told of until somebody has it; an Urgent one, until he has taken it") {
  struct Case {
    const char* name;
    Priority priority;
    bool is_assigned, is_taken, is_told;
  };
  for (const auto& c : {Case{"nobody has it", Priority::normal, false, false, true},
                        Case{"somebody was given it", Priority::normal, true, false, false},
                        Case{"Urgent, given", Priority::urgent, true, false, true},
                        Case{"Urgent, taken", Priority::urgent, true, true, false}}) {
    INFO(c.name);
    DigestDesk desk;
    auto ticket = ticket_17();
    ticket.priority = c.priority;
    if (c.is_assigned) ticket.assignee = desk.ruleset.staff[0].name;
    ticket.taken = c.is_taken;
    desk.add("dora@example.com", StaffEvent::opened, false, ticket);
    CHECK(desk.told().empty() != c.is_told);
  }
}

TEST_CASE("What was to be told to somebody who left or is on leave is told to who hears of it now") {
  DigestDesk desk;
  SECTION("who left") { desk.add("fred@gone.example"); }
  SECTION("who is on leave") {
    desk.add("dora@example.com");
    desk.send_away(1);
  }
  SECTION("who left, and somebody else is told anyway") {
    desk.add("fred@gone.example");
    desk.add("eve@example.com");
  }
  if (desk.due[0].entry.to.addr_spec == "dora@example.com")
    CHECK(desk.told() == Names{"eve@example.com"});
  else
    CHECK(desk.told() == Names{"dora@example.com", "eve@example.com"});
  const auto decision = desk.decide();
  CHECK(decision.told.size() == desk.due.size());
  CHECK(decision.events.at(0).ticket == TicketId{17});
  CHECK(decision.events[0].detail.find("Told instead: ") != std::string::npos);
  CHECK(plain_text_of(decision.outgoing[0].octets).find("1 ticket waits") != std::string::npos);
}

TEST_CASE("A page to the pager of somebody who left goes to the pagers of those who are called now") {
  DigestDesk desk;
  auto ticket = ticket_17();
  ticket.priority = Priority::urgent;
  desk.add("fred@pager.example", StaffEvent::opened, true, ticket);
  const auto told = desk.told();
  CHECK(told == Names{"ann@example.com", "ann@pager.example"});
}

TEST_CASE("A ticket stands in a digest once, with what happened last") {
  DigestDesk desk;
  desk.add("dora@example.com");
  auto other = ticket_17();
  other.number = TicketId{18};
  desk.add("dora@example.com", StaffEvent::opened, false, other);
  desk.add("dora@example.com", StaffEvent::customer_wrote);
  const auto decision = desk.decide();
  REQUIRE(decision.outgoing.size() == 1);
  const auto text = plain_text_of(decision.outgoing[0].octets);
  CHECK(text.find("2 tickets wait") != std::string::npos);
  CHECK(text.find("[SUP-17] The customer wrote again") != std::string::npos);
  CHECK(text.find("[SUP-17] New Normal ticket") == std::string::npos);
}

}  // namespace ticketd
