#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "store/embedded_migrations.h"
#include "store/soundness.h"
#include "tests/store/simulated_vfs.h"
#include "tests/store/store_fixture.h"

// Stores of older versions, as they left them: schemas/NNNN.sql.
namespace ticketd {
namespace {

std::string read_script(const std::string& name) {
  std::ifstream file(std::string(TESTS_DIR) + "/store/schemas/" + name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// A dump holds what only a plain connection may do.
void load(const std::filesystem::path& path, const std::string& name, const char* vfs = nullptr) {
  const auto script = read_script(name);
  REQUIRE_FALSE(script.empty());
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs) == SQLITE_OK);
  CHECK(sqlite3_exec(database, script.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  CHECK(std::string(sqlite3_errmsg(database)) == "not an error");
  sqlite3_close(database);
}

TEST_CASE("a store of schema 1 is brought up to date, and goes on") {
  StoreFolder folder;
  load(folder.path(), "0001.sql");
  auto plain = open_plainly(folder.path());
  REQUIRE(plain.integer("PRAGMA user_version") == 1);
  const auto tickets = plain.integer("SELECT count(*) FROM tickets");
  const auto originals = plain.integer("SELECT count(*) FROM raw_mails");
  Store store(folder.path());
  CHECK(find_damage(folder.path()) == std::vector<std::string>{});
  CHECK(plain.integer("PRAGMA user_version") == std::stoi(std::string(embedded_migrations().back().name.substr(0, 4))));

  for (std::int64_t number = 1; number <= tickets; ++number) {
    INFO("ticket " << number);
    REQUIRE(store.ticket(TicketId{number}));
    CHECK_FALSE(store.events(TicketId{number}).empty());
  }
  const auto messages = store.messages(TicketId{1});
  REQUIRE_FALSE(messages.empty());
  CHECK(messages[0].text.find("Nothing rings.") != std::string::npos);
  CHECK(store.raw(TicketId{1}, messages[0].id).value_or("").find("Nothing rings.") != std::string::npos);
  CHECK(search(store, "rings", 5).size() == 1);
  CHECK(store.quarantined().size() == 1);
  CHECK(store.incidents().size() == 1);
  CHECK(store.blocked_senders().size() == 1);
  // Who answers a mail of before gets into its ticket.
  auto query = make_query("new@acme");
  query.references = {messages[0].message_id};
  const auto context = store.load_context(query);
  CHECK(std::ranges::any_of(context.candidates,
                            [](const auto& candidate) { return candidate.ticket.number == TicketId{1}; }));

  file_new(store, static_cast<int>(tickets) + 1, "new@customer", 10);
  CHECK(store.raw(TicketId{tickets + 1}, store.messages(TicketId{tickets + 1}).at(0).id) == "raw of new@customer");
  CHECK(plain.integer("SELECT count(*) FROM raw_mail_ages") == originals + 1);
  CHECK(find_damage(folder.path()) == std::vector<std::string>{});
}

TEST_CASE("killed or without power in the middle of a migration: the old schema or a new one, and all rows") {
  StoreFolder folder;
  SimulatedDisk old;
  {
    SimulatedVfs vfs(old);
    load(folder.path(), "0001.sql", vfs.name());
    old = vfs.disk();
    old.apply({DiskChange::Kind::sync, folder.path().string(), 0, {}, true});
  }
  SimulatedVfs migrating(old);
  Store::Options options;
  options.vfs = migrating.name();
  { Store store(folder.path(), options); }

  std::set<std::int64_t> known{1};
  for (const auto& migration : embedded_migrations()) known.insert(std::stoi(std::string(migration.name.substr(0, 4))));
  std::map<std::int64_t, std::set<std::string>> schemas;
  std::set<std::size_t> seen;
  const auto judge = [&](const SimulatedDisk& disk) {
    if (!seen.insert(disk.fingerprint()).second) return;
    SimulatedVfs vfs(disk);
    {
      auto database = open_plainly(folder.path(), vfs.name());
      const auto version = database.integer("PRAGMA user_version");
      CHECK(known.contains(version));
      auto objects =
          database.prepare("SELECT group_concat(sql, x'0a') FROM (SELECT sql FROM sqlite_schema ORDER BY name)");
      auto rows = objects.query();
      REQUIRE(rows.next());
      schemas[version].insert(rows.text());
      CHECK(database.integer("SELECT count(*) FROM tickets") == 5);
    }
    Store::Options again;
    again.vfs = vfs.name();
    Store store(folder.path(), again);
    CHECK(store.ticket(TicketId{1}));
    auto database = open_plainly(folder.path(), vfs.name());
    CHECK(database.integer("SELECT integrity_check = 'ok' FROM pragma_integrity_check") == 1);
    CHECK(database.integer("SELECT count(*) FROM raw_mail_ages") == database.integer("SELECT count(*) FROM raw_mails"));
  };
  SimulatedDisk disk = old;
  for (const auto& change : migrating.log()) {
    judge(disk);
    judge(disk.after_power_cut());
    disk.apply(change);
  }
  judge(disk);
  CHECK(seen.size() > 10);
  CHECK(schemas.size() >= 2);
  for (const auto& [version, texts] : schemas) {
    INFO("schema " << version);
    CHECK(texts.size() == 1);
  }
}

}  // namespace
}  // namespace ticketd
