#include <catch2/catch.hpp>

#include "tests/store/store_fixture.h"

namespace ticketd {
namespace {

Ticket full_ticket() {
  auto t = make_ticket(1);
  t.status = TicketStatus::resolved;
  t.priority = Priority::urgent;
  t.requested_priority = Priority::high;
  t.labelled = true;
  t.claim = LabelClaim::counts;
  t.claimed_priority = Priority::high;
  t.channel = Channel::sms;
  t.assignee = "Ann Engineer";
  t.incident = 3;
  t.waits_for_incident = t.clock_suspended = t.customer_spoke = true;
  t.responded_at = at(1);
  t.estimate_at = at(2);
  t.resolved_at = at(3);
  t.closed_at = at(4);
  t.taken = t.owes_update = t.missed_before = true;
  t.answered = {at(5), at(6), at(13)};
  t.warn_at = at(7);
  t.no_page_reason = "The sender failed authentication.";
  t.notices = {at(8), at(9), at(10), 2, at(11)};
  t.check_at = at(12);
  return t;
}

TEST_CASE("a ticket comes back as it was written") {
  StoreFolder folder;
  Store store(folder.path());
  auto decision = make_decision(1, "a@customer");
  SECTION("with every field set") { decision.ticket = full_ticket(); }
  SECTION("with every optional field empty") { decision.ticket->response_due_at.reset(); }
  const auto applied = file(store, decision);
  CHECK(applied.ticket == TicketId{1});
  const auto row = store.ticket(TicketId{1});
  REQUIRE(row);
  CHECK(row->ticket == *decision.ticket);
  CHECK(row->message_count == 1);
}

TEST_CASE("an update changes the ticket and keeps its messages") {
  StoreFolder folder;
  Store store(folder.path());
  file_new(store, 1, "a@customer");
  Decision update;
  update.outcome = Outcome::follow_up;
  update.ticket = full_ticket();
  update.messages = {make_message("b@customer", "Still broken.")};
  file(store, update);
  const auto row = store.ticket(TicketId{1});
  REQUIRE(row);
  CHECK(row->ticket == full_ticket());
  CHECK(row->message_count == 2);
  CHECK(store.messages(TicketId{1}).at(1).text == "Still broken.");
}

TEST_CASE("a message comes back whole, whatever stands in it") {
  StoreFolder folder;
  Store store(folder.path());
  const std::string odd("a'b\"c\n\0d\xc3\xa4; DROP TABLE tickets;--", 33);
  auto decision = make_decision(1, "a@customer");
  auto& m = decision.messages[0];
  m.text = odd;
  m.subject = odd;
  m.importance = "high";
  m.by_stranger = true;
  m.from.display_name = odd;
  m.to = {{odd, "x@example.com"}, {"", "y@example.com"}};
  m.cc = {{"C", "c@example.com"}};
  m.attachments = {{1, "plan.pdf", "application/pdf", 12345, "cid@x", true}, {2, odd, "text/plain", 0, "", false}};
  const auto applied = file(store, decision);

  const auto messages = store.messages(TicketId{1});
  REQUIRE(messages.size() == 1);
  const auto& back = messages[0];
  CHECK(back.id == applied.message_ids.at(0));
  CHECK(back.ticket == TicketId{1});
  CHECK(back.text == odd);
  CHECK(back.subject == odd);
  CHECK(back.importance == "high");
  CHECK(back.by_stranger);
  CHECK(back.from == m.from);
  CHECK(back.to == m.to);
  CHECK(back.cc == m.cc);
  CHECK(back.message_id == "a@customer");
  CHECK(back.has_raw);
  REQUIRE(back.attachments.size() == 2);
  CHECK(back.attachments[0].name == "plan.pdf");
  CHECK(back.attachments[0].size == 12345);
  CHECK(back.attachments[0].inlined);
  CHECK(back.attachments[1].name == odd);
  const auto stored = store.attachment(TicketId{1}, back.attachments[1].id);
  REQUIRE(stored);
  CHECK(stored->message == back.id);
  CHECK(stored->part == 2);
  CHECK_FALSE(store.attachment(TicketId{2}, back.attachments[1].id));
}

TEST_CASE("raw octets come back as they were, for their own ticket only") {
  StoreFolder folder;
  Store store(folder.path());
  std::string raw;
  SECTION("empty") {}
  SECTION("every octet") {
    for (int i = 0; i < 100000; ++i) raw += static_cast<char>(i * 7 % 256);
  }
  const auto applied = file(store, make_decision(1, "a@customer"), raw);
  CHECK(store.raw(TicketId{1}, applied.message_ids.at(0)) == raw);
  CHECK_FALSE(store.raw(TicketId{2}, applied.message_ids.at(0)));
  CHECK_FALSE(store.raw(TicketId{1}, 99));
}

TEST_CASE("without keeps_raw no octets are kept") {
  StoreFolder folder;
  Store store(folder.path());
  auto decision = make_decision(1, "a@customer");
  decision.keeps_raw = false;
  const auto applied = file(store, decision);
  CHECK_FALSE(store.raw(TicketId{1}, applied.message_ids.at(0)));
  CHECK_FALSE(store.messages(TicketId{1}).at(0).has_raw);
}

TEST_CASE("events come back in their order") {
  StoreFolder folder;
  Store store(folder.path());
  auto decision = make_decision(1, "a@customer");
  decision.events.push_back({TicketId{}, at(5), "Ann", "ticket_taken", "Ann has taken it."});
  file(store, decision);
  const auto events = store.events(TicketId{1});
  REQUIRE(events.size() == 2);
  CHECK(events[0].kind == "ticket_opened");
  CHECK(events[1].actor == "Ann");
  CHECK(events[1].at == at(5));
  CHECK(events[1].detail == "Ann has taken it.");
}

TEST_CASE("what the tables can't hold is refused, and the transaction goes on") {
  StoreFolder folder;
  Store store(folder.path());
  file_new(store, 1, "a@customer");
  Decision bad;
  SECTION("a second ticket of one number") { bad = make_decision(1, "b@customer"); }
  SECTION("a change to a ticket that is not there") {
    bad = make_decision(7, "b@customer");
    bad.opens = false;
  }
  SECTION("a mail to nobody") {
    bad = make_decision(2, "b@customer");
    bad.outgoing[0].recipients.clear();
  }
  SECTION("an event of a ticket that is not there") {
    bad = make_decision(2, "b@customer");
    bad.events[0].ticket = TicketId{99};
  }
  Store::Transaction transaction(store);
  {
    Store::Savepoint savepoint(store);
    CHECK_THROWS_AS(store.apply(bad, "raw", nullptr, at(0)), ValueRefused);
  }
  {
    Store::Savepoint savepoint(store);
    store.apply(make_decision(2, "c@customer"), "raw", nullptr, at(0));
    savepoint.release();
  }
  transaction.commit();
  CHECK(store.ticket(TicketId{2}));
  CHECK(store.messages(TicketId{1}).size() == 1);
  CHECK(store.outbox().size() == 2);
  CHECK(search(store, "printer", 10).size() == 2);
}

TEST_CASE("a transaction that is not committed leaves nothing") {
  StoreFolder folder;
  Store store(folder.path());
  {
    Store::Transaction transaction(store);
    store.apply(make_decision(1, "a@customer"), "raw", nullptr, at(0));
  }
  CHECK_FALSE(store.ticket(TicketId{1}));
  CHECK(store.outbox().empty());
  CHECK(search(store, "printer", 10).empty());
  CHECK(store.load_context(make_query("a@customer")).next_number == TicketId{1});
}

}  // namespace
}  // namespace ticketd
