#include <catch2/catch.hpp>

#include "tests/store/store_work.h"

namespace ticketd {
namespace {

struct IncidentStore {
  StoreFolder folder;
  Store store{folder.path()};

  IncidentNumber open(std::string title, int minutes, std::string text = "") {
    Incident incident;
    incident.title = std::move(title);
    incident.match = IncidentMatch::organization;
    incident.pattern = "Acme";
    incident.opened_at = at(minutes);
    incident.text = std::move(text);
    Store::Transaction transaction(store);
    const auto number = store.open_incident(incident);
    transaction.commit();
    return number;
  }
  void file_waiting(int ticket, IncidentNumber incident) {
    auto decision = make_decision(ticket, std::to_string(ticket) + "@customer");
    decision.ticket->incident = static_cast<std::int64_t>(incident);
    decision.ticket->waits_for_incident = true;
    file(store, decision);
  }
};

TEST_CASE("an incident comes back with what was said of it last") {
  IncidentStore test;
  const auto number = test.open("Phones down", 1);
  CHECK(number == IncidentNumber{1});
  const auto before = test.store.incident(number).value();
  CHECK(before.title == "Phones down");
  CHECK(before.match == IncidentMatch::organization);
  CHECK(before.pattern == "Acme");
  CHECK(before.opened_at == at(1));
  CHECK(before.text.empty());
  CHECK(test.store.add_incident_update(number, "We look.", at(2)));
  CHECK(test.store.add_incident_update(number, "We found it.", at(3)));
  CHECK(test.store.incident(number)->text == "We found it.");
  CHECK_FALSE(test.store.incident(IncidentNumber{2}));
  CHECK_FALSE(test.store.add_incident_update(IncidentNumber{2}, "x", at(4)));
  CHECK_FALSE(test.store.resolve_incident(IncidentNumber{2}, at(4)));
}

TEST_CASE("mails and commands are decided with the open incidents") {
  IncidentStore test;
  const auto first = test.open("Phones down", 1);
  const auto second = test.open("Fax down", 2, "We look.");
  file_new(test.store, 1, "a@customer");
  CHECK(test.store.load_context(make_query("b@customer")).incidents.size() == 2);
  CHECK(test.store.resolve_incident(first, at(3)));
  const auto open = test.store.load_command_context(TicketId{1}, {}).incidents;
  REQUIRE(open.size() == 1);
  CHECK(open[0].number == second);
  CHECK(open[0].text == "We look.");
  CHECK_FALSE(test.store.resolve_incident(first, at(4)));
  CHECK_FALSE(test.store.add_incident_update(first, "x", at(4)));
}

TEST_CASE("what waits for a resolved incident is found until it is settled") {
  IncidentStore test;
  const auto number = test.open("Phones down", 1);
  for (const int ticket : {1, 2, 3}) test.file_waiting(ticket, number);
  CHECK_FALSE(test.store.unsettled_incident());
  test.store.resolve_incident(number, at(2));
  CHECK(test.store.unsettled_incident()->number == number);
  CHECK_FALSE(test.store.unsettled_incident(IncidentNumber{2}));
  CHECK(test.store.waiting_tickets(number, 9, TicketId{1}) == std::vector{TicketId{2}, TicketId{3}});
  CHECK(test.store.waiting_tickets(number, 2) == std::vector{TicketId{1}, TicketId{2}});
  auto decision = make_decision(1, "unused");
  decision.opens = false;
  decision.messages.clear();
  decision.outgoing.clear();
  decision.ticket->incident = 1;
  file(test.store, decision);
  CHECK(test.store.waiting_tickets(number, 9) == std::vector{TicketId{2}, TicketId{3}});
  CHECK(test.store.incidents().at(0).tickets.size() == 3);
  test.store.settle_incident(number);
  CHECK_FALSE(test.store.unsettled_incident());
}

TEST_CASE("the public sees open incidents and those resolved of late, with all that was said") {
  IncidentStore test;
  const auto old = test.open("Old", 1);
  const auto late = test.open("Late", 2, "We look.");
  test.open("Open", 3);
  test.store.resolve_incident(old, at(10));
  test.store.add_incident_update(late, "It is over.", at(20));
  test.store.resolve_incident(late, at(20));
  const auto shown = test.store.public_incidents(at(15));
  REQUIRE(shown.size() == 2);
  CHECK(shown[0].title == "Open");
  CHECK(shown[1].title == "Late");
  CHECK(shown[1].resolved_at == at(20));
  REQUIRE(shown[1].updates.size() == 2);
  CHECK(shown[1].updates[0].text == "We look.");
  CHECK(shown[1].updates[1].at == at(20));
}

TEST_CASE("a change that the status page does not show yet is known") {
  IncidentStore test;
  auto state = test.store.status_page_state();
  CHECK(state.written < state.changes);
  CHECK_FALSE(state.changed_at);
  test.store.note_status_page(state.changes, "");
  test.open("Phones down", 1);
  state = test.store.status_page_state();
  CHECK(state.changes != state.written);
  CHECK(state.changed_at == at(1));
  test.store.note_status_page(0, "disk full");
  CHECK(test.store.status_page_state().error == "disk full");
  CHECK(test.store.status_page_state().written == state.written);
  test.store.note_status_page(state.changes, "");
  CHECK(test.store.status_page_state().written == state.changes);
  CHECK(test.store.status_page_state().error.empty());
  test.store.note_status_page(0, "");
  CHECK(test.store.status_page_state().written == state.changes);
  CHECK(test.store.counts(at(5)).status_page.written == state.changes);
}

}  // namespace
}  // namespace ticketd
