#include "tests/daemon/test_desk.h"

namespace ticketd {
namespace {

struct PagedDesk : TestDesk {
  PagedDesk() {
    rules->ruleset.authserv_id = "mx.example.com";
    rules->ruleset.page_limit = {3, 1h};
  }
  TicketId ingest(int number, const std::string& from, const std::string& verdict) {
    ArrivedMail arrived;
    arrived.mailbox = "pipe";
    arrived.internal_date = now;
    arrived.octets = fmt::format(
        "Authentication-Results: mx.example.com; dmarc={1} header.from=acme.example; dkim={1} "
        "header.d=acme.example\r\nFrom: {2}\r\nTo: support@example.com\r\nSubject: Urgent: fax {0}\r\n"
        "Message-ID: <{0}@acme.example>\r\n\r\nIt is down.\r\n",
        number, verdict, from);
    return desk->ingest(arrived).ticket.value().number;
  }
  bool pages(TicketId ticket) {
    const auto rows = store().outbox();
    return std::ranges::any_of(
        rows, [&](const OutboxRow& row) { return row.mail.kind == OutboxKind::page && row.mail.ticket == ticket; });
  }
};

TEST_CASE("whoever forges a sender uses up nothing of what staff may be told of him") {
  PagedDesk test;
  for (int i = 1; i <= 5; ++i) test.ingest(i, "jane@acme.example", "fail");
  CHECK(test.pages(test.ingest(6, "jane@acme.example", "pass")));
}

TEST_CASE("forged mail of one sender or organization has a limit of its own") {
  PagedDesk test;
  for (int i = 1; i <= 3; ++i) test.ingest(i, fmt::format("x{}@acme.example", i), "fail");
  const auto before = test.store().outbox().size();
  const auto ticket = test.ingest(4, "y@acme.example", "fail");
  CHECK(test.store().outbox().size() == before + 1);  // the acknowledgement
  const auto events = test.store().events(ticket);
  const auto told = std::ranges::find(events, "staff_told", &Event::kind);
  REQUIRE(told != events.end());
  CHECK(told->detail.find("To be told with others at 10:10") != std::string::npos);
  CHECK(told->detail.find("Told by mail") == std::string::npos);
}

}  // namespace
}  // namespace ticketd
