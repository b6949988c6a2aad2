#include <catch2/catch.hpp>

#include "tests/store/store_fixture.h"

namespace ticketd {
namespace {

/// Ticket `from` goes into `into`.
void merge(Store& store, int from, int into) {
  Decision decision;
  decision.ticket = store.ticket(TicketId{into}).value().ticket;
  decision.absorbed = store.ticket(TicketId{from}).value().ticket;
  decision.absorbed->status = TicketStatus::closed;
  decision.absorbed->merged_into = TicketId{into};
  decision.participants = {"carl@customer.example"};
  file(store, decision);
}

std::vector<TicketId> candidates(Store& store, ContextQuery query) {
  std::vector<TicketId> numbers;
  for (const auto& candidate : store.load_context(query).candidates) numbers.push_back(candidate.ticket.number);
  return numbers;
}

TEST_CASE("a merged conversation stands in the other ticket, and what answers it leads there") {
  StoreFolder folder;
  Store store(folder.path());
  for (int i = 1; i <= 3; ++i) file_new(store, i, "mail-" + std::to_string(i) + "@customer");
  merge(store, 2, 1);
  CHECK(store.messages(TicketId{1}).size() == 2);
  CHECK(store.ticket(TicketId{1})->message_count == 2);
  CHECK(store.messages(TicketId{2}).empty());
  CHECK(store.ticket(TicketId{2})->message_count == 0);
  CHECK(store.ticket(TicketId{2})->ticket.merged_into == TicketId{1});
  CHECK(store.raw(TicketId{1}, store.messages(TicketId{1})[1].id) == "raw of mail-2@customer");
  CHECK(search(store, "printer", 10).size() == 2);

  const std::vector<TicketId> first{TicketId{1}};
  auto query = make_query("new@customer");
  SECTION("a reference to our mail") { query.references = {"ack-2@desk"}; }
  SECTION("a reference to the customer's mail") { query.references = {"mail-2@customer"}; }
  SECTION("references to both") { query.references = {"ack-2@desk", "mail-1@customer"}; }
  SECTION("its tag") { query.tag = TicketId{2}; }
  CHECK(candidates(store, query) == first);
}

TEST_CASE("what was merged before goes along") {
  StoreFolder folder;
  Store store(folder.path());
  for (int i = 1; i <= 3; ++i) file_new(store, i, "mail-" + std::to_string(i) + "@customer");
  merge(store, 3, 2);
  merge(store, 2, 1);
  CHECK(store.messages(TicketId{1}).size() == 3);
  auto query = make_query("new@customer");
  query.references = {"ack-3@desk"};
  CHECK(candidates(store, query) == std::vector{TicketId{1}});
  CHECK(store.load_context(make_query("mail-3@customer")).known.at(0).ticket == TicketId{1});
  const auto participants = store.load_command_context(TicketId{1}, {}).participants;
  CHECK(std::ranges::count(participants, "carl@customer.example") == 1);
}

TEST_CASE("what has been due for longest comes first") {
  StoreFolder folder;
  Store store(folder.path());
  for (const auto& [number, minutes] : {std::pair{1, 30}, {2, 10}, {3, 20}, {4, 0}}) {
    auto decision = make_decision(number, std::to_string(number) + "@customer");
    if (number != 4) decision.ticket->check_at = at(minutes);
    file(store, decision);
  }
  std::vector<TicketId> numbers;
  for (const auto& ticket : store.due_tickets(at(99), 2)) numbers.push_back(ticket.number);
  CHECK(numbers == std::vector{TicketId{2}, TicketId{3}});
  const auto third = store.ticket(TicketId{3}).value().ticket;
  const auto later = store.due_tickets(at(99), 2, &third);
  REQUIRE(later.size() == 1);
  CHECK(later[0].number == TicketId{1});
  CHECK(store.due_tickets(at(99), 2, &later[0]).empty());
  CHECK(store.due_tickets(at(15), 9).size() == 1);
  CHECK(store.next_check(Time::min()) == at(10));
  CHECK(store.next_check(at(20)) == at(30));
  CHECK_FALSE(store.next_check(at(30)));
}

TEST_CASE("a ticket is stuck until the clock is told otherwise") {
  StoreFolder folder;
  Store store(folder.path());
  auto decision = make_decision(1, "1@customer");
  decision.ticket->check_at = at(1);
  file(store, decision);
  const auto stuck = [&] { return store.counts(at(9)).stuck; };
  CHECK(stuck().empty());
  store.note_stuck(*decision.ticket, "No token.");
  store.note_stuck(*decision.ticket, "Too large.");
  REQUIRE(stuck().size() == 1);
  CHECK(stuck()[0].reason == "Too large.");
  store.set_check(TicketId{1}, at(1));
  CHECK(stuck().size() == 1);
  store.set_check(TicketId{1}, at(2));
  CHECK(stuck().empty());
  store.note_stuck(*decision.ticket, "No token.");
  store.set_check(TicketId{1}, std::nullopt);
  CHECK(stuck().empty());
}

TEST_CASE("news for staff wait for their time, with their tickets") {
  StoreFolder folder;
  Store store(folder.path());
  auto decision = make_decision(1, "1@customer");
  decision.digest = {{0, at(5), {"Duke", "duke@desk.example"}, true, TicketId{1}, StaffEvent::opened, at(2)},
                     {0, at(4), {"", "eva@desk.example"}, false, TicketId{1}, StaffEvent::breached, at(3)}};
  file(store, decision);
  CHECK(store.next_check(Time::min()) == at(4));
  CHECK(store.due_digest(at(3), 9).empty());
  const auto due = store.due_digest(at(5), 9);
  REQUIRE(due.size() == 2);
  CHECK(due[0].entry.event == StaffEvent::breached);
  CHECK(due[0].entry.since == at(3));
  CHECK(due[1].entry.to.display_name == "Duke");
  CHECK(due[1].entry.is_page);
  CHECK(due[1].ticket.number == TicketId{1});
  Decision told;
  told.told = {due[0].entry.id};
  {
    Store::Transaction transaction(store);
    store.apply(told, {}, nullptr, at(5));
    transaction.commit();
  }
  CHECK(store.due_digest(at(5), 9).size() == 1);
}

TEST_CASE("how often staff were told counts by sender, organization and in all") {
  StoreFolder folder;
  Store store(folder.path());
  for (int number = 1; number <= 3; ++number) {
    auto decision = make_decision(number, std::to_string(number) + "@customer");
    decision.counts_for_page_limit = true;
    if (number == 3) decision.ticket->requester.addr_spec = "other@customer.example";
    file(store, decision);
  }
  const auto counts = store.load_command_context(TicketId{1}, {}, {}, {Time::min(), Time::max()}).news;
  CHECK(counts.of_sender == 2);
  CHECK(counts.of_organization == 3);
  CHECK(counts.in_all == 3);
  CHECK(store.load_command_context(TicketId{1}, {}, {}, {Time::min(), at(-1000)}).news.in_all == 0);
}

TEST_CASE("what a mail brought counts for its sender, whoever's ticket it is") {
  StoreFolder folder;
  Store store(folder.path());
  file_new(store, 1, "a@customer");
  auto query = make_query("b@colleague");
  query.sender = "eve@other.example";
  query.organization = "other.example";
  query.news_since = Time::min();
  Decision decision;
  decision.ticket = store.ticket(TicketId{1}).value().ticket;
  decision.counts_for_page_limit = true;
  file(store, decision, "raw", &query);
  auto counts = store.load_context(query).news;
  CHECK(counts.of_sender == 1);
  CHECK(counts.of_organization == 1);
  counts = store.load_command_context(TicketId{1}, {}, {}, {Time::min(), Time::max()}).news;
  CHECK(counts.of_sender == 0);
  CHECK(counts.of_organization == 0);
  CHECK(counts.in_all == 1);
}

TEST_CASE("no ticket is merged into itself") {
  StoreFolder folder;
  Store store(folder.path());
  file_new(store, 1, "a@customer");
  CHECK_THROWS(merge(store, 1, 1));
}

TEST_CASE("whether a ticket is spam is known to a mail of staff about it") {
  StoreFolder folder;
  Store store(folder.path());
  auto decision = make_decision(1, "a@customer");
  decision.sender_standing = {"ann@customer.example", true};
  file(store, decision);
  auto query = make_query("new@staff");
  query.sender = "ann@staff.example";
  query.references = {"ack-1@desk"};
  CHECK_FALSE(store.load_context(query).candidates.at(0).blocked_by);
  query.answers = 1;
  CHECK(store.load_context(query).candidates.at(0).blocked_by == TicketId{1});
}

TEST_CASE("a blocked sender is known by the first ticket that was spam, until it is let go") {
  StoreFolder folder;
  Store store(folder.path());
  file_new(store, 1, "a@customer");
  auto decision = make_decision(2, "b@customer");
  decision.sender_standing = {"ann@customer.example", true};
  file(store, decision);
  decision = make_decision(3, "c@customer");
  decision.sender_standing = {"ann@customer.example", true};
  file(store, decision);
  CHECK(store.load_context(make_query("new@customer")).blocked_by == TicketId{2});
  CHECK(store.load_command_context(TicketId{1}, {}).blocked_by == TicketId{2});
  decision = make_decision(4, "d@customer");
  decision.sender_standing = {"ann@customer.example", false};
  file(store, decision);
  CHECK_FALSE(store.load_context(make_query("new@customer")).blocked_by);
}

TEST_CASE("alarms are kept") {
  StoreFolder folder;
  Store store(folder.path());
  CHECK(store.alarms().empty());
  const std::vector<Alarm> alarms{{"a", "A.", at(1), {}, false, 0}, {"b", "B.", at(2), at(3), true, 2, 5}};
  store.write_alarms(alarms);
  const auto found = store.alarms();
  REQUIRE(found.size() == 2);
  CHECK(found[0].text == "A.");
  CHECK_FALSE(found[0].gone_at);
  CHECK(found[1].raised_at == at(2));
  CHECK(found[1].gone_at == at(3));
  CHECK(found[1].is_over);
  CHECK(found[1].repeats == 2);
  CHECK(found[1].count == 5);
  store.write_alarms({});
  CHECK(store.alarms().empty());
}

}  // namespace
}  // namespace ticketd
