#include <catch2/catch.hpp>

#include "tests/store/store_fixture.h"

namespace ticketd {
namespace {

Decision strike(const std::string& organization, int minutes, std::optional<TicketId> ticket = {}) {
  Decision decision;
  decision.strike = Strike{organization, at(minutes), ticket, "Lowered.", false};
  return decision;
}

Decision standing(const std::string& organization, std::optional<Time> until) {
  Decision decision;
  decision.organization_standing = OrganizationStanding{organization, until};
  return decision;
}

std::uint32_t counted(Store& store, const std::string& organization, int since, int now) {
  return store.organization_record(organization, at(since), at(now)).strikes;
}

TEST_CASE("strikes count within the window, both edges included, and one by one organization") {
  StoreFolder folder;
  Store store(folder.path());
  file_new(store, 1, "a@customer");
  file(store, strike("Acme", 10, TicketId{1}));
  file(store, strike("Acme", 20));
  file(store, strike("acme.example", 15));
  file(store, strike("ann@freemail.example", 15));
  struct Case {
    const char* organization;
    int since, now;
    std::uint32_t strikes;
  };
  for (const auto& example :
       {Case{"Acme", 10, 20, 2}, Case{"Acme", 11, 20, 1}, Case{"Acme", 10, 19, 1}, Case{"Acme", 21, 99, 0},
        Case{"acme.example", 0, 99, 1}, Case{"acme", 0, 99, 0}, Case{"ann@freemail.example", 0, 99, 1},
        Case{"bob@freemail.example", 0, 99, 0}, Case{"freemail.example", 0, 99, 0}}) {
    INFO(example.organization << " " << example.since << " " << example.now);
    CHECK(counted(store, example.organization, example.since, example.now) == example.strikes);
  }
  const auto all = store.strikes("Acme");
  REQUIRE(all.size() == 2);
  CHECK(all[0].at == at(10));
  CHECK(all[0].ticket == TicketId{1});
  CHECK(all[0].reason == "Lowered.");
  CHECK_FALSE(all[1].ticket);
}

TEST_CASE("a standing settles the strikes before it, and no later ones") {
  StoreFolder folder;
  Store store(folder.path());
  file(store, strike("Acme", 1));
  file(store, strike("Other", 1));
  auto last = strike("Acme", 2);
  last.organization_standing = OrganizationStanding{"Acme", at(500)};
  file(store, last);
  CHECK(counted(store, "Acme", 0, 99) == 0);
  CHECK(store.organization_record("Acme", at(0), at(3)).downgraded_until == at(500));
  CHECK(counted(store, "Other", 0, 99) == 1);
  CHECK_FALSE(store.organization_record("Other", at(0), at(3)).downgraded_until);
  file(store, strike("Acme", 3));
  CHECK(counted(store, "Acme", 0, 99) == 1);
  file(store, standing("Acme", {}));
  CHECK(counted(store, "Acme", 0, 99) == 0);
  CHECK_FALSE(store.organization_record("Acme", at(0), at(3)).downgraded_until);
  file(store, strike("Acme", 3));  // at the very time of the restoration, as a clock that stands may have it
  CHECK(counted(store, "Acme", 0, 99) == 1);
  CHECK(store.strikes("Acme").size() == 4);
}

TEST_CASE("the standing reaches who asks for it") {
  StoreFolder folder;
  Store store(folder.path());
  file_new(store, 1, "a@customer");
  file(store, standing("customer.example", at(500)));
  CHECK(store.load_context(make_query("b@customer")).downgraded_until == at(500));
  CHECK(store.load_command_context(TicketId{1}, {}).downgraded_until == at(500));
}

TEST_CASE("a record holds the organization's open tickets above Normal") {
  StoreFolder folder;
  Store store(folder.path());
  struct Row {
    Priority priority;
    TicketStatus status;
    const char* organization;
  };
  const std::vector<Row> rows{
      {Priority::urgent, TicketStatus::open, "Acme"},   {Priority::high, TicketStatus::new_, "Acme"},
      {Priority::normal, TicketStatus::new_, "Acme"},   {Priority::urgent, TicketStatus::resolved, "Acme"},
      {Priority::urgent, TicketStatus::closed, "Acme"}, {Priority::urgent, TicketStatus::new_, "Other"}};
  for (int i = 0; i < static_cast<int>(rows.size()); ++i) {
    auto decision = make_decision(i + 1, std::to_string(i) + "@customer");
    const auto& row = rows[static_cast<std::size_t>(i)];
    decision.ticket->priority = row.priority;
    decision.ticket->status = row.status;
    decision.ticket->organization = row.organization;
    decision.ticket->claim = LabelClaim::unproven;
    file(store, decision);
  }
  const auto record = store.organization_record("Acme", at(0), at(1));
  REQUIRE(record.tickets.size() == 2);
  CHECK(record.tickets[0].number == TicketId{1});
  CHECK(record.tickets[1].number == TicketId{2});
  CHECK(record.tickets[1].claim == LabelClaim::unproven);

  Decision lowered;
  lowered.others = record.tickets;
  for (auto& ticket : lowered.others) ticket.priority = Priority::normal;
  file(store, lowered);
  CHECK(store.organization_record("Acme", at(0), at(1)).tickets.empty());
  CHECK(store.ticket(TicketId{2})->ticket.priority == Priority::normal);
  CHECK(store.ticket(TicketId{2})->message_count == 1);
}

TEST_CASE("a naming that is younger than the records moves them to whom they belong") {
  StoreFolder folder;
  Store store(folder.path());
  auto urgent = make_decision(1, "a@customer");
  urgent.ticket->priority = Priority::urgent;
  file(store, urgent);
  file(store, strike("customer.example", 1));
  file(store, strike("Acme", 2));
  file(store, standing("customer.example", at(500)));
  file(store, standing("Acme", at(400)));
  file(store, strike("customer.example", 3));
  const auto name = [](std::string_view recorded, std::string_view requester) {
    CHECK((requester.empty() || requester == "Ann@customer.example"));
    return recorded == "customer.example" ? std::string("Acme") : std::string(recorded);
  };
  store.use_naming({name, name});
  const auto record = store.organization_record("Acme", at(0), at(9));
  CHECK(record.downgraded_until == at(500));
  CHECK(record.strikes == 1);
  CHECK(store.strikes("Acme").size() == 3);
  CHECK(store.strikes("customer.example").empty());
  REQUIRE(record.tickets.size() == 1);
  CHECK(record.tickets[0].organization == "Acme");
  CHECK(store.load_command_context(TicketId{1}, {}).ticket->organization == "Acme");
  CHECK(store.load_command_context(TicketId{1}, {}).downgraded_until == at(500));
  auto query = make_query("b@customer");
  query.references = {"a@customer"};
  CHECK(store.load_context(query).candidates.at(0).ticket.organization == "Acme");
  CHECK(store.load_context(query).candidates.at(0).downgraded_until == at(500));
}

TEST_CASE("a mail of staff brings the record of the ticket's organization, when it is asked for") {
  StoreFolder folder;
  Store store(folder.path());
  file_new(store, 1, "a@customer");
  file(store, strike("customer.example", 1));
  auto query = make_query("b@customer");
  query.references = {"ack-1@desk"};
  query.strikes_since = at(0);
  CHECK(store.load_context(query).candidates.at(0).record.name.empty());
  query.answers = 1;
  CHECK(store.load_context(query).candidates.at(0).record.strikes == 1);
  query.strikes_since = Time::max();
  CHECK(store.load_context(query).candidates.at(0).record.name.empty());
}

TEST_CASE("what changed a standing is in the organization's log and in its ticket's, and moves to another name") {
  StoreFolder folder;
  Store store(folder.path());
  file_new(store, 1, "a@customer");
  auto down = standing("customer.example", at(500));
  down.events = {{TicketId{1}, at(3), "Ann", "organization_downgraded", "Three strikes.", "customer.example"},
                 {TicketId{}, at(4), "Ann", "something_else", "Of nobody."}};
  file(store, down);
  CHECK(store.next_check(at(0)) == at(500));
  CHECK_FALSE(store.next_check(at(500)));
  CHECK(store.ended_downgrades(at(499), 9).empty());
  REQUIRE(store.ended_downgrades(at(500), 9).size() == 1);
  CHECK(store.ended_downgrades(at(500), 9)[0].name == "customer.example");
  CHECK(store.ended_downgrades(at(500), 9)[0].downgraded_until == at(500));
  Decision over;
  over.downgrade_over = "customer.example";
  over.events = {{TicketId{}, at(500), "ticketd", "downgrade_over", "It is over.", "customer.example"}};
  file(store, strike("customer.example", 6));
  file(store, over);
  CHECK(counted(store, "customer.example", 0, 999) == 1);
  CHECK(store.ended_downgrades(at(999), 9).empty());
  CHECK_FALSE(store.next_check(at(0)));
  CHECK(store.organization_record("customer.example", at(0), at(9)).downgraded_until ==
        at(500));  // the clock may go back
  file(store, standing("customer.example", at(600)));
  CHECK(store.ended_downgrades(at(999), 9).size() == 1);
  over.events.clear();
  file(store, over);
  const auto rename = [](std::string_view recorded, std::string_view) {
    return recorded == "customer.example" ? std::string("Acme") : std::string(recorded);
  };
  store.use_naming({rename, rename});
  CHECK(store.organization_events("customer.example").empty());
  CHECK(store.organization_record("Acme", at(0), at(9)).downgraded_until == at(600));
  CHECK(store.ended_downgrades(at(999), 9).empty());  // it was told under the old name
  const auto events = store.organization_events("Acme");
  REQUIRE(events.size() == 2);
  CHECK(events[0].ticket == TicketId{1});
  CHECK(events[0].detail == "Three strikes.");
  CHECK(events[1].ticket == TicketId{});
  CHECK(events[1].actor == "ticketd");
  CHECK(events[1].at == at(500));
  CHECK(store.events(TicketId{1}).back().kind == "organization_downgraded");
}

TEST_CASE("organizations are those with tickets, strikes or a standing") {
  StoreFolder folder;
  Store store(folder.path());
  CHECK(store.organizations().empty());
  int number = 0;
  for (const auto* organization : {"zeta.example", "", "customer.example", "customer.example"}) {
    ++number;
    auto decision = make_decision(number, std::to_string(number) + "@customer");
    decision.ticket->organization = organization;
    file(store, decision);
  }
  file(store, strike("Acme", 1));
  file(store, standing("customer.example", at(9)));
  CHECK(store.organizations() == std::vector<std::string>{"Acme", "customer.example", "zeta.example"});
}

}  // namespace
}  // namespace ticketd
