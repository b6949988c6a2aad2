#include <catch2/catch.hpp>

#include "tests/store/store_fixture.h"

namespace ticketd {
namespace {

/// A change of ticket 1, which was reported at minute 0 and is due at minute 240.
struct Desk {
  StoreFolder folder;
  Store store{folder.path()};
  Ticket ticket = make_ticket(1);

  Desk() { file_new(store, 1, "a@customer"); }
  void change() {
    Decision decision;
    decision.ticket = ticket;
    file(store, decision);
  }
  /// The breach is told, as the clock does.
  void breach() {
    ticket.notices.breach_told_at = at(240);
    change();
  }
  [[nodiscard]] std::vector<AnswerTarget> targets(int since = -60) { return store.answer_targets(at(since)); }
};

TEST_CASE("what is owed is a target, and stays one once it is answered") {
  Desk desk;
  REQUIRE(desk.targets().size() == 1);
  CHECK(desk.targets()[0].is_owed);
  CHECK_FALSE(desk.targets()[0].responded_at);
  desk.ticket.responded_at = at(100);
  desk.change();
  REQUIRE(desk.targets().size() == 1);
  const auto answered = desk.targets()[0];
  CHECK_FALSE(answered.is_owed);
  CHECK(answered.priority == Priority::normal);
  CHECK(answered.organization == "customer.example");
  CHECK(answered.clock_from == at(1));
  CHECK(answered.due_at == at(240));
  CHECK(answered.responded_at == at(100));
  desk.ticket.assignee = "Ann Engineer";  // another change is no other answer
  desk.change();
  CHECK(desk.targets().size() == 1);
}

TEST_CASE("each time that a ticket is opened has a target of its own") {
  Desk desk;
  desk.ticket.responded_at = at(100);
  desk.change();
  desk.ticket.responded_at.reset();
  desk.ticket.clock_from = at(500);
  desk.ticket.response_due_at = at(740);
  desk.change();
  REQUIRE(desk.targets().size() == 2);
  desk.ticket.responded_at = at(800);
  desk.change();
  const auto targets = desk.targets();
  REQUIRE(targets.size() == 2);
  CHECK(targets[0].responded_at == at(100));
  CHECK(targets[1].responded_at == at(800));
  CHECK(desk.targets(1).size() == 2);
  CHECK(desk.targets(2).size() == 1);
  CHECK(desk.targets(500).size() == 1);
  CHECK(desk.targets(501).empty());
}

TEST_CASE("a target that was missed counts when another one takes its place") {
  struct Case {
    const char* name;
    void (*change)(Ticket&);
    std::size_t missed;
  };
  const Case cases[] = {
      {"raised",
       [](Ticket& ticket) {
         ticket.priority = Priority::urgent;
         ticket.response_due_at = at(300);
       },
       1},
      {"lowered: it should not have been claimed",
       [](Ticket& ticket) {
         ticket.priority = Priority::normal;
         ticket.response_due_at = at(400);
       },
       0},
      {"closed without an answer", [](Ticket& ticket) { ticket.status = TicketStatus::closed; }, 1},
      {"spam",
       [](Ticket& ticket) {
         ticket.status = TicketStatus::closed;
         ticket.response_due_at.reset();
       },
       0},
      {"waits for an incident", [](Ticket& ticket) { ticket.response_due_at.reset(); }, 1},
      {"somebody else's", [](Ticket& ticket) { ticket.assignee = "Ann Engineer"; }, 0},
  };
  for (const auto& c : cases)
    for (const bool is_breached : {true, false}) {
      INFO(c.name << " " << is_breached);
      Desk desk;
      desk.ticket.priority = Priority::high;
      desk.change();
      if (is_breached) desk.breach();
      c.change(desk.ticket);
      desk.ticket.notices.breach_told_at.reset();
      desk.change();
      auto targets = desk.targets();
      std::erase_if(targets, &AnswerTarget::is_owed);
      CHECK(targets.size() == (is_breached ? c.missed : 0));
    }
}

TEST_CASE("tickets count that somebody waits for") {
  Desk desk;
  CHECK(desk.store.reported_tickets(at(0)).size() == 1);
  CHECK(desk.store.reported_tickets(at(1)).empty());
  auto spam = make_decision(2, "b@customer", 5);
  spam.ticket->response_due_at.reset();
  file(desk.store, spam);
  CHECK(desk.store.reported_tickets(at(0)).size() == 1);
  auto waits = make_decision(3, "c@customer", 6);
  waits.ticket->response_due_at.reset();
  waits.ticket->incident = 1;
  file(desk.store, waits);
  REQUIRE(desk.store.reported_tickets(at(6)).size() == 1);
  CHECK(desk.store.reported_tickets(at(6))[0].organization == "customer.example");
  CHECK(desk.store.reported_tickets(at(6))[0].reported_at == at(6));
}

TEST_CASE("of merged tickets one is left") {
  Desk desk;
  file_new(desk.store, 2, "b@customer", 3);
  desk.ticket.merged_into = TicketId{2};
  desk.ticket.status = TicketStatus::closed;
  desk.ticket.notices.breach_told_at = at(240);
  desk.change();
  CHECK(desk.store.reported_tickets(at(0)).size() == 1);
  CHECK(desk.targets().size() == 1);
}

}  // namespace
}  // namespace ticketd
