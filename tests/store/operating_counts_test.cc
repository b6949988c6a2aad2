#include "store/operating_counts.h"

#include <catch2/catch.hpp>

#include "store/embedded_migrations.h"
#include "tests/store/store_fixture.h"

namespace ticketd {
namespace {

struct Desk {
  StoreFolder folder;
  Store store{folder.path()};

  /// Ticket `number` is answered at that minute; it is due at minute 240.
  void answer(int number, int minute, Priority priority = Priority::normal) {
    file_new(store, number, std::to_string(number) + "@customer");
    Decision decision;
    decision.ticket = make_ticket(number);
    decision.ticket->priority = priority;
    file(store, decision);
    decision.ticket->responded_at = at(minute);
    file(store, decision);
  }
  [[nodiscard]] TargetCounts normal(int now) { return store.operating_counts(at(now)).targets[2]; }
};

TEST_CASE("targets are counted by category and result") {
  Desk desk;
  desk.answer(1, 100);
  desk.answer(2, 240);  // the last moment
  desk.answer(3, 241);
  desk.answer(4, 100, Priority::urgent);
  file_new(desk.store, 5, "5@customer");
  const auto counts = desk.normal(240);
  CHECK(counts.priority == Priority::normal);
  CHECK(counts.in_time == 2);
  CHECK(counts.late == 1);
  CHECK(counts.never_answered == 0);
  CHECK(counts.owed == 1);
  CHECK(counts.overdue == 0);
  CHECK(desk.normal(241).overdue == 1);
  CHECK(desk.store.operating_counts(at(0)).targets[0].in_time == 1);
  CHECK(desk.store.operating_counts(at(0)).targets[1].in_time == 0);
  Decision closing;
  closing.ticket = make_ticket(5);
  closing.ticket->notices.breach_told_at = at(250);
  file(desk.store, closing);
  closing.ticket->status = TicketStatus::closed;
  file(desk.store, closing);
  CHECK(desk.normal(300).never_answered == 1);
  CHECK(desk.normal(300).owed == 0);
}

TEST_CASE("a store of before counts the targets that it has") {
  Desk desk;
  desk.answer(1, 100);
  desk.answer(2, 300);
  desk.answer(3, 301);
  auto database = open_plainly(desk.folder.path());
  database.execute("DROP TRIGGER past_targets_counted; DROP TABLE target_counts");
  for (const auto& migration : embedded_migrations())
    if (migration.name.find("target_counts") != std::string_view::npos) database.execute(std::string(migration.text));
  CHECK(desk.normal(400).in_time == 1);
  CHECK(desk.normal(400).late == 2);
  desk.answer(4, 100);
  CHECK(desk.normal(400).in_time == 2);
}

TEST_CASE("the ledger is counted over all numberings of a mailbox") {
  Desk desk;
  CHECK(desk.store.operating_counts(at(0)).ledger.empty());
  for (const auto validity : {UidValidity{7}, UidValidity{8}}) {
    desk.store.open_mailbox("support", validity, Uid{0}, at(0));
    LedgerEntry entry;
    entry.mailbox = "support";
    entry.uid_validity = validity;
    for (std::uint32_t uid = 1; uid <= 3; ++uid) {
      entry.uid = Uid{uid};
      entry.outcome = uid == 3 ? Outcome::ignored : Outcome::new_ticket;
      desk.store.record(entry);
    }
  }
  const auto ledger = desk.store.operating_counts(at(0)).ledger;
  REQUIRE(ledger.size() == 2);
  for (const auto& each : ledger) {
    CHECK(each.mailbox == "support");
    CHECK(each.entries == (each.outcome == Outcome::ignored ? 2 : 4));
  }
}

TEST_CASE("tickets that were opened, and messages that the search index lacks") {
  Desk desk;
  CHECK(desk.store.operating_counts(at(0)).tickets_opened == 0);
  CHECK(desk.store.operating_counts(at(0)).unindexed == 0);
  file_new(desk.store, 1, "1@customer");
  file_new(desk.store, 2, "2@customer");
  CHECK(desk.store.operating_counts(at(0)).tickets_opened == 2);
  CHECK(desk.store.operating_counts(at(0)).unindexed == 2);
  desk.store.index_messages(1);
  CHECK(desk.store.operating_counts(at(0)).unindexed == 1);
  desk.store.index_messages(1);
  CHECK(desk.store.operating_counts(at(0)).unindexed == 0);
}

TEST_CASE("the answer that is overdue for longest is known") {
  Desk desk;
  CHECK_FALSE(desk.store.counts(at(0)).most_overdue);
  desk.answer(1, 100);
  file_new(desk.store, 2, "2@customer");
  CHECK_FALSE(desk.store.counts(at(240)).most_overdue);
  const auto counts = desk.store.counts(at(241));
  REQUIRE(counts.most_overdue);
  CHECK(counts.most_overdue->ticket == TicketId{2});
  CHECK(counts.most_overdue->due_at == at(240));
  CHECK(counts.tickets_overdue == 1);
  CHECK_FALSE(counts.next_target);
}

}  // namespace
}  // namespace ticketd
