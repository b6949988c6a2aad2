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
  CHECK(store.search("printer", 10).size() == 2);

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

TEST_CASE("the oldest resolved tickets come first") {
  StoreFolder folder;
  Store store(folder.path());
  for (const auto& [number, minutes] : {std::pair{1, 30}, {2, 10}, {3, 20}, {4, 0}}) {
    auto decision = make_decision(number, std::to_string(number) + "@customer");
    decision.ticket->resolved_at = at(minutes);
    decision.ticket->status = number == 4 ? TicketStatus::closed : TicketStatus::resolved;
    file(store, decision);
  }
  std::vector<TicketId> numbers;
  for (const auto& ticket : store.oldest_resolved(2)) numbers.push_back(ticket.number);
  CHECK(numbers == std::vector{TicketId{2}, TicketId{3}});
  const auto third = store.ticket(TicketId{3}).value().ticket;
  const auto later = store.oldest_resolved(2, &third);
  REQUIRE(later.size() == 1);
  CHECK(later[0].number == TicketId{1});
  CHECK(store.oldest_resolved(2, &later[0]).empty());
}

TEST_CASE("a ticket is stuck as long as it is resolved since then") {
  StoreFolder folder;
  Store store(folder.path());
  auto decision = make_decision(1, "1@customer");
  decision.ticket->status = TicketStatus::resolved;
  decision.ticket->resolved_at = at(1);
  file(store, decision);
  const auto stuck = [&] { return store.counts(at(9)).stuck; };
  CHECK(stuck().empty());
  store.note_stuck(*decision.ticket, "No token.");
  store.note_stuck(*decision.ticket, "Too large.");
  REQUIRE(stuck().size() == 1);
  CHECK(stuck()[0].reason == "Too large.");
  auto again = make_decision(1, "2@customer");
  again.opens = false;
  again.ticket = decision.ticket;
  again.ticket->resolved_at = at(2);
  again.outgoing.clear();
  file(store, again);
  CHECK(stuck().empty());
  store.note_stuck(*again.ticket, "No token.");
  CHECK(stuck().size() == 1);
  again.ticket->status = TicketStatus::closed;
  again.messages.clear();
  file(store, again);
  CHECK(stuck().empty());
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
  const std::vector<Alarm> alarms{{"a", "A.", at(1), {}, false, 0}, {"b", "B.", at(2), at(3), true, 2}};
  store.write_alarms(alarms);
  const auto found = store.alarms();
  REQUIRE(found.size() == 2);
  CHECK(found[0].text == "A.");
  CHECK_FALSE(found[0].gone_at);
  CHECK(found[1].raised_at == at(2));
  CHECK(found[1].gone_at == at(3));
  CHECK(found[1].is_over);
  CHECK(found[1].repeats == 2);
  store.write_alarms({});
  CHECK(store.alarms().empty());
}

}  // namespace
}  // namespace ticketd
