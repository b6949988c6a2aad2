#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "tests/store/store_fixture.h"

namespace ticketd {
namespace {

std::vector<int> numbers(const std::vector<TicketRow>& rows) {
  std::vector<int> result;
  for (const auto& row : rows) result.push_back(static_cast<int>(row.ticket.number));
  return result;
}

void open_ticket(Store& store, const Ticket& ticket) {
  Decision d;
  d.outcome = Outcome::new_ticket;
  d.ticket = ticket;
  d.opens = true;
  file(store, d);
}

/// Seven tickets in every state that the order of lists knows.
void fill(Store& store) {
  auto t = make_ticket(1);  // owed late
  t.response_due_at = at(500);
  open_ticket(store, t);
  t = make_ticket(2, 5);  // answered in time, Normal
  t.status = TicketStatus::open;
  t.responded_at = at(6);
  t.assignee = "Ann Engineer";
  open_ticket(store, t);
  t = make_ticket(3);  // owed early
  t.response_due_at = at(30);
  t.priority = Priority::urgent;
  t.status = TicketStatus::open;
  open_ticket(store, t);
  t = make_ticket(4, 9);  // answered too late, Urgent
  t.priority = Priority::urgent;
  t.status = TicketStatus::resolved;
  t.response_due_at = at(10);
  t.responded_at = at(20);
  open_ticket(store, t);
  t = make_ticket(5);  // closed
  t.status = TicketStatus::closed;
  open_ticket(store, t);
  t = make_ticket(6, 1);  // no clock, older than 2
  t.response_due_at.reset();
  t.organization = "Acme";
  t.assignee = "Ann Engineer";
  open_ticket(store, t);
  t = make_ticket(7);  // owed as late as 1, but High
  t.response_due_at = at(500);
  t.priority = Priority::high;
  t.organization = "Acme";
  open_ticket(store, t);
}

TEST_CASE("a list has the most pressing first, and its filters hold") {
  StoreFolder folder;
  Store store(folder.path());
  fill(store);
  struct Case {
    const char* name;
    TicketFilter filter;
    std::vector<int> expected;
  };
  std::vector<Case> cases;
  const auto add = [&](const char* name, std::vector<int> expected) -> TicketFilter& {
    cases.push_back({name, {}, std::move(expected)});
    return cases.back().filter;
  };
  add("all that is not closed", {3, 7, 1, 4, 6, 2});
  add("the first two", {3, 7}).limit = 2;
  add("one status", {7, 1, 6}).statuses = {TicketStatus::new_};
  add("closed", {5}).statuses = {TicketStatus::closed};
  add("priority", {3, 4}).priority = Priority::urgent;
  add("organization", {7, 6}).organization = "Acme";
  add("assignee", {6, 2}).assignee = "Ann Engineer";
  add("nobody of that name", {}).assignee = "Bob";
  auto& breached = add("breached, answered or not", {3, 4});
  breached.breached = true;
  breached.now = at(100);
  auto& both = add("assignee and organization", {6});
  both.assignee = "Ann Engineer";
  both.organization = "Acme";
  for (const auto& c : cases) {
    DYNAMIC_SECTION(c.name) { CHECK(numbers(store.list(c.filter)) == c.expected); }
  }
}

TEST_CASE("what is not there is empty") {
  StoreFolder folder;
  Store store(folder.path());
  CHECK_FALSE(store.ticket(TicketId{1}));
  CHECK(store.list({}).empty());
  CHECK(store.messages(TicketId{1}).empty());
  CHECK(store.events(TicketId{1}).empty());
  CHECK(store.outbox().empty());
  CHECK(store.counts(at(0)).tickets_new == 0);
}

TEST_CASE("counts agree with the lists") {
  StoreFolder folder;
  Store store(folder.path());
  fill(store);
  for (int i = 8; i <= 12; ++i) file_new(store, i, std::to_string(i) + "@customer", i);
  std::vector<SendResult> results;
  const OutboxState states[] = {OutboxState::sent, OutboxState::failed, OutboxState::deferred, OutboxState::uncertain};
  for (const auto& row : store.lease_outbox(at(99), 4)) {
    auto& result = results.emplace_back();
    result.id = row.mail.id;
    result.state = states[results.size() - 1];
    result.next_attempt_at = at(200);
  }
  store.mark_results(results, at(99));
  const auto counts = store.counts(at(100));
  CHECK(counts.queued == 1);
  CHECK(counts.failed == 1);
  CHECK(counts.deferred == 1);
  CHECK(counts.uncertain == 1);
  CHECK(counts.oldest_unsent_at == at(10));
  CHECK(counts.tickets_new == 8);
  CHECK(counts.tickets_open == 2);
  CHECK(counts.tickets_resolved == 1);
  TicketFilter breached;
  breached.breached = true;
  breached.now = at(100);
  CHECK(counts.tickets_breached == 2);
  CHECK(store.list(breached).size() == 2);
}

TEST_CASE("the answer that is due next is that of a ticket at work whose target is not missed") {
  StoreFolder folder;
  Store store(folder.path());
  CHECK_FALSE(store.counts(at(0)).next_target);
  const auto add = [&](int number, int due, TicketStatus status, Priority priority) {
    auto decision = make_decision(number, std::to_string(number) + "@customer");
    decision.ticket->response_due_at = at(due);
    decision.ticket->status = status;
    decision.ticket->priority = priority;
    file(store, decision);
  };
  add(1, 50, TicketStatus::new_, Priority::normal);
  add(2, 40, TicketStatus::open, Priority::high);
  add(3, 30, TicketStatus::closed, Priority::urgent);
  add(4, 20, TicketStatus::new_, Priority::urgent);
  const auto next = [&](int now) {
    const auto target = store.counts(at(now)).next_target;
    if (!target) return std::string("none");
    return fmt::format("{} {} in {} minutes", static_cast<int>(target->ticket), category_name(target->priority),
                       (target->due_at - at(now)) / std::chrono::minutes{1});
  };
  CHECK(next(10) == "4 Urgent in 10 minutes");
  CHECK(next(20) == "2 High in 20 minutes");
  CHECK(next(40) == "1 Normal in 10 minutes");
  CHECK(next(50) == "none");
}

}  // namespace
}  // namespace ticketd
