#include <catch2/catch.hpp>

#include "store/soundness.h"
#include "tests/store/store_work.h"

namespace ticketd {
namespace {

using Catch::Matchers::Contains;

/// A store that has seen all kinds of work.
void fill(const std::filesystem::path& path) {
  Session session(path, nullptr);
  for (const auto& step : kWork) step.run(session);
}

TEST_CASE("a store that has seen all kinds of work is sound") {
  StoreFolder folder;
  fill(folder.path());
  CHECK(find_damage(folder.path()) == std::vector<std::string>{});
}

TEST_CASE("what is wrong with a store is told") {
  struct Case {
    const char* name;
    const char* damage;
    const char* told;
  };
  const auto [name, damage, told] = GENERATE(values<Case>({
      {"an index lacks a row",
       "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE INDEX "
       "messages_by_ticket ON messages (at)' WHERE name = 'messages_by_ticket'",
       "database: "},
      {"a ticket is gone", "DELETE FROM tickets WHERE number = 1", "names one of tickets that is not there"},
      {"a ledger row without its ticket", "UPDATE ledger SET ticket = NULL WHERE uid = 1", "UID 1 (UIDVALIDITY 1)"},
      {"a wrong number of messages", "UPDATE tickets SET message_count = 77 WHERE number = 1", "#1 counts 77 messages"},
      {"a wrong sum", "UPDATE ledger_counts SET entries = entries + 1 WHERE outcome = 'new_ticket'", "are counted"},
      {"a sum of nothing", "INSERT INTO ledger_counts VALUES (2, 9, 'ignored', 4)", "and none is there"},
      {"a mail without octets", "DELETE FROM outbox_octets WHERE outbox = 1", "outgoing mail 1 has no octets"},
      {"a mail to nobody", "DELETE FROM outbox_recipients WHERE outbox = 1", "outgoing mail 1 goes to nobody"},
      {"an original without age", "DELETE FROM raw_mail_ages", "has no age"},
      {"an original that is no frame", "UPDATE raw_mails SET octets = zeroblob(length(octets))", "can't be unpacked"},
      {"an original that is cut", "UPDATE raw_mails SET octets = substr(octets, 1, length(octets) - 3)",
       "can't be unpacked"},
      {"an outgoing mail that is no frame", "UPDATE outbox_octets SET octets = zeroblob(length(octets))",
       "outgoing mail 1 can't be unpacked"},
      {"an index of which a piece is zeroes",
       "UPDATE message_search_data SET block = zeroblob(length(block)) WHERE id > 10", "search index is damaged"},
  }));
  INFO(name);
  StoreFolder folder;
  fill(folder.path());
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(folder.path().c_str(), &database) == SQLITE_OK);
  REQUIRE(sqlite3_exec(database, damage, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(database);
  const auto found = find_damage(folder.path());
  REQUIRE_FALSE(found.empty());
  CHECK_THAT(found.front(), Contains(told));
}

TEST_CASE("so many of each kind are told at most") {
  StoreFolder folder;
  fill(folder.path());
  open_plainly(folder.path()).execute("UPDATE tickets SET message_count = 77");
  CHECK(find_damage(folder.path(), 2).size() == 2);
}

}  // namespace
}  // namespace ticketd
