#include <catch2/catch.hpp>

#include <cctype>
#include <map>
#include <set>
#include <thread>

#include "tests/store/old_store.h"

// Stores of earlier versions are opened by this one. Each test is for each of tests/store/schemas/*.sql, whatever the
// newest schema is; a migration that changes old rows on purpose says so where rows are compared.
namespace ticketd {
namespace {

using Catch::Matchers::Contains;
using Random = SimulatedDisk::Random;

/// One for all tests: what the migrations up to a schema make of nothing.
const std::string& schema_text(std::int64_t schema) {
  static std::map<std::int64_t, std::string> known;
  auto& text = known[schema];
  if (text.empty()) text = schema_by_migrations(schema);
  return text;
}

/// A store in a folder of its own, as its version left it.
class Unpacked {
 public:
  explicit Unpacked(const OldStore& old) : old_(old) {
    unpack(old, path());
    auto database = open_plainly(path());
    queries_ = queries_of_all_rows(database);
    rows_ = read_rows(database, queries_);
  }

  [[nodiscard]] std::filesystem::path path() const { return folder_.path(); }
  /// What is wrong with it after `database` was brought up to date, or while it was; empty: nothing.
  [[nodiscard]] std::string judge(Database& database) const {
    const auto version = database.integer("PRAGMA user_version");
    if (version < old_.schema || version > newest_schema()) return fmt::format("schema {}", version);
    if (schema_of(database) != schema_text(version)) return fmt::format("not what schema {} is", version);
    if (const auto damage = find_damage(database); !damage.empty()) return damage;
    const auto rows = read_rows(database, queries_at(version));
    return rows == rows_ ? "" : "other rows: " + first_difference(rows, rows_);
  }

 private:
  /// What schema 6 took out of mail_ids stands in tables of its own.
  [[nodiscard]] std::vector<std::string> queries_at(std::int64_t version) const {
    const std::string_view column = "quote(message_key)";
    auto queries = queries_;
    for (auto& query : queries)
      if (const auto place = query.find(column);
          version >= 6 && query.find("'mail_ids: '") != query.npos && place != query.npos)
        query.replace(place, column.size(), "quote((SELECT message_key FROM all_mail_keys WHERE mail = id))");
    return queries;
  }

  const OldStore& old_;
  StoreFolder folder_;
  std::vector<std::string> queries_;  ///< of the old tables and columns
  std::string rows_;
};

/// The tables without a row, but for the one that has a row within a transaction alone.
std::string empty_tables(Database& database) {
  std::string names;
  for (const auto& query : queries_of_all_rows(database))
    if (query.find(" FROM erasure_at_work ") == query.npos && read_rows(database, {query}).empty())
      names += query.substr(query.find(" FROM ")) + "\n";
  return names;
}

TEST_CASE("old stores are what they say, and migrations that made them have not changed since") {
  const auto stores = old_stores();
  REQUIRE_FALSE(stores.empty());
  CHECK(stores.front().schema == 1);
  for (const auto& old : stores) {
    INFO(old.name);
    StoreFolder folder;
    unpack(old, folder.path());
    auto database = open_plainly(folder.path());
    CHECK(database.integer("PRAGMA user_version") == old.schema);
    CHECK(database.integer("PRAGMA application_id") == 0x74696b64);
    CHECK(find_damage(database) == "");
    CHECK(schema_of(database) == schema_text(old.schema));
    if (old.name.ends_with("-every-table.sql")) CHECK(empty_tables(database) == "");
  }
}

TEST_CASE("an old store is brought up to date, and nothing is lost or added") {
  for (const auto& old : stores_of_all_schemas()) {
    INFO(old.name);
    const Unpacked unpacked(old);
    { Store store(unpacked.path()); }
    auto database = open_plainly(unpacked.path());
    CHECK(database.integer("PRAGMA user_version") == newest_schema());
    CHECK(unpacked.judge(database) == "");
  }
}

TEST_CASE("negative control: a row that was lost or changed under way is found") {
  for (const auto& old : old_stores()) {
    INFO(old.name);
    for (const auto* loss : {"DELETE FROM alarms", "UPDATE tickets SET subject = 'Another' WHERE number = 1",
                             "DROP INDEX events_by_ticket", "PRAGMA user_version = 999",
                             "UPDATE messages SET text = 'unheard of' WHERE id = 1"}) {
      INFO(loss);
      const Unpacked unpacked(old);
      { Store store(unpacked.path()); }
      auto database = open_plainly(unpacked.path());
      database.execute(loss);
      std::string found;
      try {
        found = unpacked.judge(database);
      } catch (const StoreError& error) {
        found = error.what();
      }
      CHECK(found != "");
    }
  }
}

/// The first word of some length.
std::string a_word_of(const std::string& text) {
  std::string word;
  for (const char c : text) {
    if (std::isalpha(static_cast<unsigned char>(c)) != 0)
      word += c;
    else if (word.size() >= 4)
      break;
    else
      word.clear();
  }
  return word;
}

/// What customers and staff wrote is shown and found, and the desk goes on.
void work_on(Store& store, const std::filesystem::path& path) {
  auto database = open_plainly(path);
  const auto tickets = database.integer("SELECT count(*) FROM tickets");
  CHECK(static_cast<std::int64_t>(store.list({}).size()) ==
        database.integer("SELECT count(*) FROM tickets WHERE status <> 'closed'"));
  REQUIRE(store.ticket(TicketId{1}));
  const auto messages = store.messages(TicketId{1});
  REQUIRE_FALSE(messages.empty());
  CHECK_FALSE(store.events(TicketId{1}).empty());
  const auto original = database.integer("SELECT min(message) FROM raw_mails");
  const auto its_ticket = fmt::format("SELECT ticket FROM messages WHERE id = {}", original);
  CHECK(store.raw(TicketId{database.integer(its_ticket)}, original));
  CHECK_FALSE(search(store, a_word_of(messages.front().text), 10).empty());
  CHECK_FALSE(store.ledger("").empty());
  CHECK_FALSE(store.mailbox_health().empty());

  const int number = static_cast<int>(database.integer("SELECT max(number) FROM tickets")) + 1;
  file_new(store, number, "after-the-update@customer", 100);
  store.open_mailbox("support", work::kValidity, Uid{0}, at(100));
  work::record(store, 1000, Outcome::new_ticket, TicketId{number});
  work::file_follow_up(store, 1001, 1);
  CHECK(database.integer("SELECT count(*) FROM tickets") == tickets + 1);
  CHECK(store.messages(TicketId{1}).size() == messages.size() + 1);
  CHECK(store.load_context(make_query("after-the-update@customer")).known.size() == 1);
  CHECK_FALSE(store.lease_outbox(at(200), 100).empty());
}

TEST_CASE("the desk goes on with an old store") {
  for (const auto& old : stores_of_all_schemas()) {
    INFO(old.name);
    const Unpacked unpacked(old);
    {
      Store store(unpacked.path());
      work_on(store, unpacked.path());
    }
    Store store(unpacked.path());
    while (store.index_messages(1000)) {
    }
    auto database = open_plainly(unpacked.path());
    CHECK(find_damage(database) == "");
  }
}

TEST_CASE("a reader does not bring an old store up to date, and says who does") {
  for (const auto& old : old_stores()) {
    if (old.schema == newest_schema()) continue;
    INFO(old.name);
    const Unpacked unpacked(old);
    Store::Options options;
    options.read_only = true;
    CHECK_THROWS_WITH(Store(unpacked.path(), options), Contains("older schema") && Contains("ticketd"));
    auto database = open_plainly(unpacked.path());
    CHECK(database.integer("PRAGMA user_version") == old.schema);
    CHECK(unpacked.judge(database) == "");
  }
}

TEST_CASE("two processes that find an old store bring it up to date once") {
  for (const auto& old : old_stores()) {
    INFO(old.name);
    const Unpacked unpacked(old);
    std::array<std::string, 2> errors;
    const auto open = [&](std::string& error) {
      try {
        Store store(unpacked.path());
      } catch (const std::exception& thrown) {
        error = thrown.what();
      }
    };
    std::thread other(open, std::ref(errors[0]));
    open(errors[1]);
    other.join();
    CHECK(errors[0] + errors[1] == "");
    auto database = open_plainly(unpacked.path());
    CHECK(database.integer("PRAGMA user_version") == newest_schema());
    CHECK(unpacked.judge(database) == "");
  }
}

/// An old store on a disk in memory, and what bringing it up to date did to that disk.
class Update {
 public:
  explicit Update(const OldStore& old) : unpacked_(old), disk_(unpacked_disk(old)) {
    SimulatedVfs vfs(disk_);
    { Session(unpacked_.path(), vfs.name()).store(); }
    log_ = vfs.log();
    plan_ = vfs.plan();
  }

  [[nodiscard]] const std::vector<DiskChange>& log() const { return log_; }
  /// What it asked of the disk.
  [[nodiscard]] int count(DiskOperation operation) const { return plan_.count(operation); }
  [[nodiscard]] const SimulatedDisk& before() const { return disk_; }
  [[nodiscard]] std::filesystem::path path() const { return unpacked_.path(); }

  /// As it stands there it is some schema whole; the next start makes it the newest. Empty, or what is wrong. What was
  /// judged once is not judged again.
  std::string judge(const SimulatedDisk& disk) {
    if (!judged_.insert(disk.fingerprint()).second) return "";
    try {
      SimulatedVfs left(disk);
      if (const auto found = judge(left.name()); !found.empty()) return "as it was left: " + found;
      SimulatedVfs next(disk);
      { Session(path(), next.name()).store(); }
      if (version(next.disk()) != newest_schema()) return "the next start did not finish it";
      const auto found = judge(next.name());
      return found.empty() ? "" : "after the next start: " + found;
    } catch (const StoreError& error) {
      return error.what();
    }
  }
  [[nodiscard]] std::int64_t version(const SimulatedDisk& disk) const {
    SimulatedVfs vfs(disk);
    return open_plainly(path(), vfs.name()).integer("PRAGMA user_version");
  }
  [[nodiscard]] std::size_t judged() const { return judged_.size(); }

 private:
  SimulatedDisk unpacked_disk(const OldStore& old) const {
    SimulatedVfs vfs{SimulatedDisk()};
    unpack(old, path(), vfs.name());
    auto disk = vfs.disk();
    disk.apply({DiskChange::Kind::sync, path().string(), 0, {}, true});
    return disk;
  }
  std::string judge(const char* vfs) const {
    auto database = open_plainly(path(), vfs);
    return unpacked_.judge(database);
  }

  Unpacked unpacked_;
  SimulatedDisk disk_;
  std::vector<DiskChange> log_;
  FaultPlan plan_;
  std::set<std::size_t> judged_;
};

TEST_CASE("killed, or without power, at any change of the disk while an old store is brought up to date") {
  for (const auto& old : old_stores()) {
    INFO(old.name);
    Update update(old);
    CHECK(update.judge(update.before()) == "");
    CHECK(update.judge(update.before().after_power_cut()) == "");
    SimulatedDisk disk = update.before();
    Random random(3);
    for (std::size_t i = 0; i < update.log().size(); ++i) {
      INFO("after " << i << " changes of the disk");
      const auto& next = update.log()[i];
      if (next.kind == DiskChange::Kind::write) {
        auto torn = disk;
        torn.tear(next, random);
        CHECK(update.judge(torn) == "");
      }
      disk.apply(next);
      CHECK(update.judge(disk) == "");
      CHECK(update.judge(disk.after_power_cut()) == "");
      CHECK(update.judge(disk.after_power_cut(random)) == "");
    }
    // What was brought up to date stays so.
    CHECK(update.version(disk.after_power_cut()) == newest_schema());
    if (old.schema < newest_schema()) CHECK(update.judged() > 10);
  }
}

TEST_CASE("a fault of the disk while an old store is brought up to date") {
  for (const auto& old : old_stores()) {
    Update update(old);
    for (const auto& fault : kFaults) {
      const int stride = 1 + update.count(fault.operation) / 50;
      for (int nth = 1; nth <= update.count(fault.operation); nth += stride)
        for (const bool for_ever : {false, true}) {
          INFO(old.name << ", " << fault.name << " number " << nth << (for_ever ? " and all later ones" : ""));
          SimulatedVfs vfs(update.before(), FaultPlan(fault, nth, for_ever));
          try {
            Session(update.path(), vfs.name()).store();
          } catch (const StoreError&) {  // the daemon ends then, and is started again
          }
          CHECK(update.judge(vfs.disk()) == "");
          CHECK(update.judge(vfs.disk().after_power_cut()) == "");
        }
    }
  }
}

/// All that a store can hold.
void fill(const std::filesystem::path& path) {
  Session session(path, nullptr);
  for (std::size_t step = 0; step + 1 < kWork.size(); ++step) run_step(step, session);
  auto& store = session.store();
  {
    Store::Transaction transaction(store);
    work::quarantine(store, 20);
    transaction.commit();
  }
  work::tell_staff(store);
  store.note_missing("support", std::array{Uid{30}});
  store.note_stuck(make_ticket(3), "No token.");
  file_new(store, 20, "last@customer", 60);  // not in the search index
  auto answer = make_decision(20, "unused", 70);
  answer.opens = false;
  answer.messages.clear();
  answer.outgoing.clear();
  answer.ticket->responded_at = at(70);
  file(store, answer, {}, nullptr, 70);
}

TEST_CASE("write tests/store/schemas/NNNN-every-table.sql for today's schema", "[.write-schema]") {
  StoreFolder folder;
  fill(folder.path());
  auto database = open_plainly(folder.path());
  const auto name = fmt::format("{}/store/schemas/{:04}-every-table.sql", TESTS_DIR, newest_schema());
  const bool is_there = std::filesystem::exists(name);
  if (!is_there) std::ofstream(name) << dump_store(database);
  WARN(name << (is_there ? " is there: what was released never changes" : " is written; nothing was tested"));
}

}  // namespace
}  // namespace ticketd
