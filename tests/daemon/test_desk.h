#pragma once

#include <sqlite3.h>

#include <catch2/catch.hpp>

#include "daemon/desk/desk.h"
#include "rules/timers.h"
#include "tests/rules/desk_samples.h"
#include "tests/store/store_fixture.h"

namespace ticketd {

using namespace std::chrono_literals;

/// A desk on a store of its own, with a clock that the test sets.
struct TestDesk {
  StoreFolder folder;
  Time now = tuesday_ten();
  std::shared_ptr<DeskRules> rules = std::make_shared<DeskRules>();
  int tokens = 0;
  std::unique_ptr<Desk> desk;
  Actor ann{"ann", nullptr};

  TestDesk() {
    rules->ruleset = sample_ruleset();
    desk = std::make_unique<Desk>(
        Store(folder.path()), rules, [this] { return now; }, [this] { return fmt::format("{:032x}", ++tokens); });
  }
  Store& store() { return desk->store(); }

  std::int64_t quarantine(const std::string& octets, const std::string& mailbox = "support") {
    ArrivedMail arrived;
    arrived.mailbox = mailbox;
    arrived.internal_date = now;
    arrived.octets = octets;
    return store().quarantine(arrived, "It could not be read.", now);
  }
  /// Ticket 1, resolved now.
  void resolve_one() {
    const NewCommand report{{"Jane", "jane@acme.example"}, "Fax", "It prints blank pages.", Channel::phone};
    desk->command(std::nullopt, report, ann);
    desk->command(TicketId{1}, ResolveCommand{}, ann);
  }
  /// Tickets from 1 on, resolved now.
  void resolve_many(int count) {
    for (int i = 1; i <= count; ++i) {
      auto decision = make_decision(i, std::to_string(i) + "@customer");
      decision.ticket->status = TicketStatus::resolved;
      decision.ticket->resolved_at = now;
      schedule_checks(decision, rules->ruleset);
      file(store(), decision);
    }
  }
  /// Those up to `number` can't be closed.
  void jam(int number) {
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(folder.path().c_str(), &database) == SQLITE_OK);
    const auto trigger = fmt::format(
        "CREATE TRIGGER jam BEFORE UPDATE ON tickets WHEN NEW.number <= {} AND NEW.status = 'closed' "
        "BEGIN SELECT RAISE(ABORT, 'it is jammed'); END",
        number);
    CHECK(sqlite3_exec(database, trigger.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(database);
  }
  /// "kind: detail" of the events that belong to no ticket.
  std::string loose_events() {
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(folder.path().c_str(), &database) == SQLITE_OK);
    std::string told;
    const auto tell = [](void* text, int, char** columns, char**) {
      *static_cast<std::string*>(text) += fmt::format("{} {}: {}\n", columns[0], columns[1], columns[2]);
      return 0;
    };
    const char* query = "SELECT actor, kind, detail FROM events WHERE ticket IS NULL ORDER BY id";
    CHECK(sqlite3_exec(database, query, tell, &told, nullptr) == SQLITE_OK);
    sqlite3_close(database);
    return told;
  }
  TicketStatus status() { return store().ticket(TicketId{1}).value().ticket.status; }
};

}  // namespace ticketd
