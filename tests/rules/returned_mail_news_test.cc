// Who of the staff hears of a mail that came back.
#include <catch2/catch.hpp>

#include "tests/rules/bounce_case.h"

namespace ticketd {
namespace {

TEST_CASE("Staff hear of a mail to the customer that came back, and not of one to themselves") {
  struct Case {
    const char* name;
    OutboxKind kind;
    const char* recipient;
    bool is_told;
  };
  const Case cases[] = {
      {"an answer", OutboxKind::reply, "jane@acme.example", true},
      {"word of a breach", OutboxKind::breach, "jane@acme.example", true},
      {"word of a breach to staff", OutboxKind::breach, "ann@example.com", false},
      {"a notification", OutboxKind::notification, "former@example.com", false},
      {"a page", OutboxKind::page, "15550001@sms.example.net", false},
      {"whatever goes to a pager", OutboxKind::breach, "15550001@SMS.example.net", false},
  };
  for (const auto& c : cases) {
    INFO(c.name);
    auto desk = bounce_case();
    desk.ruleset.staff[0].page = {"15550001@sms.example.net"};
    desk.context.returned = {{7, c.kind, TicketId{17}, {c.recipient}}};
    desk.email.delivery_statuses[0].final_recipient = c.recipient;
    const auto decision = desk.decide_all();
    CHECK(std::ranges::any_of(decision.news, [](const News& news) { return news.event == StaffEvent::mail_bounced; }) ==
          c.is_told);
  }
}

}  // namespace
}  // namespace ticketd
