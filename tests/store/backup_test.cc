#include "store/backup.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <functional>
#include <utility>

#include "store/schema.h"
#include "tests/store/store_work.h"

namespace ticketd {
namespace {

using Catch::Matchers::Contains;

struct Folders {
  StoreFolder store, copy;
  Folders() { std::ofstream(copy.path()).flush(); }
};

TEST_CASE("a backup has what was committed, though a writer goes on") {
  Folders folders;
  Store store(folders.store.path());
  file_new(store, 1, "a@customer");
  {
    Store::Transaction transaction(store);
    store.apply(make_decision(2, "b@customer"), "raw", nullptr, at(1));
    copy_store(folders.store.path(), folders.copy.path());
    transaction.commit();
  }
  const auto facts = verify_store(folders.copy.path());
  CHECK(facts.tickets == 1);
  CHECK(facts.messages == 1);
  CHECK(facts.unsent_mails == 1);
  CHECK_FALSE(std::filesystem::exists(folders.copy.path().string() + "-wal"));
  CHECK(store.ticket(TicketId{2}));
  Store copied(folders.copy.path());
  CHECK(copied.raw(TicketId{1}, 1) == "raw of a@customer");
  CHECK(search(copied, "fire", 5).size() == 1);
}

TEST_CASE("a backup that is damaged, or none, is told from a good one") {
  Folders folders;
  {
    Store store(folders.store.path());
    for (int i = 1; i < 30; ++i) file_new(store, i, std::to_string(i) + "@customer");
  }
  copy_store(folders.store.path(), folders.copy.path());
  const auto& path = folders.copy.path();
  SECTION("good") { CHECK(verify_store(path).tickets == 29); }
  SECTION("an octet of a page changed") {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(path) / 4096 / 2 * 4096));
    file << std::string(64, '\x7f');
    file.close();
    CHECK_THROWS_AS(verify_store(path), StoreError);
  }
  SECTION("cut off") {
    std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
    CHECK_THROWS_AS(verify_store(path), StoreError);
  }
  SECTION("empty") {
    std::filesystem::resize_file(path, 0);
    CHECK_THROWS_WITH(verify_store(path), Contains("empty"));
  }
  SECTION("a row without its like") {
    open_plainly(path).execute("PRAGMA foreign_keys = OFF; DELETE FROM tickets WHERE number = 3");
    CHECK_THROWS_WITH(verify_store(path), Contains("not there"));
  }
  SECTION("of a newer ticketd") {
    open_plainly(path).execute("PRAGMA user_version = 999");
    CHECK_THROWS_WITH(verify_store(path), Contains("newer version"));
  }
}

TEST_CASE("what waited when the backup was made does not go out again unasked") {
  Folders folders;
  {
    Session session(folders.store.path(), nullptr);
    for (const auto& step : kWork) step.run(session);
    Store& store = session.store();
    CHECK_FALSE(store.lease_outbox(at(5000), 1).empty());
  }
  copy_store(folders.store.path(), folders.copy.path());
  const auto held_back = prepare_restored(folders.copy.path(), folders.store.path(), at(6000));
  CHECK(held_back > 3);
  Store store(folders.copy.path());
  CHECK(store.lease_outbox(at(60'000), 100).empty());
  CHECK(store.lease_webhooks(at(60'000), 100).empty());
  CHECK(store.sending().empty());
  const auto rows = store.outbox();
  const auto held = std::ranges::find_if(rows, [](const OutboxRow& row) {
    return row.state == OutboxState::failed && row.last_error.starts_with("held back by restore");
  });
  REQUIRE(held != rows.end());
  CHECK(store.retry_outbox(held->mail.id, at(60'001)));
}

TEST_CASE("a folded store is one file that nobody else can open") {
  StoreFolder folder;
  {
    Store store(folder.path());
    file_new(store, 1, "a@customer");
    CHECK_THROWS_AS(FoldedStore(folder.path()), StoreBusy);
  }
  Store::Options impatient;
  impatient.busy_timeout = std::chrono::milliseconds{10};
  {
    const FoldedStore folded(folder.path());
    CHECK_FALSE(std::filesystem::exists(folder.path().string() + "-wal"));
    CHECK_THROWS_AS(Store(folder.path(), impatient), StoreBusy);
  }
  CHECK(Store(folder.path()).ticket(TicketId{1}));
}

/// Whenever SQLite gives up a lock, for as long as this lives, somebody else acts at once.
class Intruder {
 public:
  explicit Intruder(std::function<void()> act)
      : act_(std::move(act)), usual_(sqlite3_vfs_find(nullptr)), vfs_(*usual_) {
    vfs_.zName = "intruder";
    vfs_.pNext = nullptr;
    vfs_.pAppData = usual_->pAppData;
    vfs_.xOpen = open;
    current = this;
    sqlite3_vfs_register(&vfs_, 1);
  }
  ~Intruder() {
    sqlite3_vfs_register(usual_, 1);
    sqlite3_vfs_unregister(&vfs_);
    current = nullptr;
  }
  Intruder(const Intruder&) = delete;
  Intruder& operator=(const Intruder&) = delete;

 private:
  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
    const int code = current->usual_->xOpen(vfs, name, file, flags, out);
    if (code != SQLITE_OK || (flags & SQLITE_OPEN_MAIN_DB) == 0) return code;
    usual_unlock = file->pMethods->xUnlock;
    methods = *file->pMethods;
    methods.xUnlock = unlock;
    file->pMethods = &methods;
    return code;
  }
  static int unlock(sqlite3_file* file, int level) {
    const int code = usual_unlock(file, level);
    if (current != nullptr && !std::exchange(current->acts_, true)) {
      current->act_();
      current->acts_ = false;
    }
    return code;
  }

  inline static Intruder* current = nullptr;
  // Of files that may outlive it.
  inline static sqlite3_io_methods methods{};
  inline static int (*usual_unlock)(sqlite3_file*, int) = nullptr;
  std::function<void()> act_;
  bool acts_ = false;
  sqlite3_vfs* usual_;
  sqlite3_vfs vfs_;
};

TEST_CASE("nobody gets in between the steps by which a store is folded") {
  StoreFolder folder;
  { file_new(*std::make_unique<Store>(folder.path()), 1, "a@customer"); }
  Store::Options impatient;
  impatient.busy_timeout = std::chrono::milliseconds{0};
  std::unique_ptr<Store> other;
  {
    std::unique_ptr<FoldedStore> folded;
    const Intruder intruder([&] {
      try {
        if (!other) other = std::make_unique<Store>(folder.path(), impatient);
      } catch (const StoreError&) {
      }
    });
    folded = std::make_unique<FoldedStore>(folder.path());
    CHECK_FALSE(other);
    CHECK_FALSE(std::filesystem::exists(folder.path().string() + "-wal"));
    other = nullptr;
  }
}

TEST_CASE("a damaged store is barred like one that is folded") {
  StoreFolder folder;
  {
    Store store(folder.path());
    file_new(store, 1, "a@customer");
    CHECK_THROWS_AS(BarredStore(folder.path()), StoreBusy);
  }
  Store::Options impatient;
  impatient.busy_timeout = std::chrono::milliseconds{10};
  {
    const BarredStore barred(folder.path());
    CHECK_THROWS_AS(Store(folder.path(), impatient), StoreBusy);
    CHECK_THROWS_AS(FoldedStore(folder.path()), StoreBusy);
  }
  CHECK(Store(folder.path()).ticket(TicketId{1}));
  std::ofstream(folder.path()) << std::string(8192, 'x');
  CHECK_THROWS_AS(FoldedStore(folder.path()), StoreDamaged);
}

TEST_CASE("nobody opens a store whose restore was killed half-way") {
  Folders folders;
  { file_new(*std::make_unique<Store>(folders.store.path()), 1, "a@customer"); }
  const auto mark = restoring_mark(folders.store.path());
  std::ofstream(mark).flush();
  const auto link = folders.copy.path().parent_path() / "link.db";
  std::filesystem::create_symlink(folders.store.path(), link);
  CHECK_THROWS_WITH(Store(folders.store.path()), Contains("ticketctl restore"));
  CHECK_THROWS_WITH(Store(link), Contains("ticketctl restore"));
  CHECK_THROWS_WITH(copy_store(folders.store.path(), folders.copy.path()), Contains("ticketctl restore"));
  std::filesystem::remove(mark);
  CHECK(Store(folders.store.path()).ticket(TicketId{1}));
}

LeaseRecord make_lease(const std::string& holder, const std::string& token) {
  LeaseRecord lease;
  lease.mailbox = "support";
  lease.holder = holder;
  lease.token = token;
  lease.place = "here";
  lease.tenure = Tenure::held;
  lease.looked_at = at(1);
  return lease;
}

TEST_CASE("a restored store knows the latest lease of the one whose place it takes") {
  struct Case {
    const char* name;
    const char* holder_of_backup;  ///< empty: it had no lease yet
    const char* token;
  };
  const auto [name, holder_of_backup, token] = GENERATE(values<Case>({
      {"of the same desk", "desk", "new"},
      {"from before the first lease", "", "new"},
      {"of another desk", "other", "old"},
  }));
  INFO(name);
  Folders folders;
  {
    Store store(folders.store.path());
    if (*holder_of_backup != '\0') store.write_lease(make_lease(holder_of_backup, "old"));
    copy_store(folders.store.path(), folders.copy.path());
    store.write_lease(make_lease("desk", "new"));
  }
  static_cast<void>(prepare_restored(folders.copy.path(), folders.store.path(), at(2)));
  CHECK_FALSE(std::filesystem::exists(folders.copy.path().string() + "-wal"));
  const auto leases = Store(folders.copy.path()).leases();
  REQUIRE(leases.size() == 1);
  CHECK(leases.front().token == token);
}

TEST_CASE("what is no store any more has no leases to carry over") {
  Folders folders;
  { file_new(*std::make_unique<Store>(folders.store.path()), 1, "a@customer"); }
  copy_store(folders.store.path(), folders.copy.path());
  std::ofstream(folders.store.path()) << std::string(8192, 'x');
  CHECK(prepare_restored(folders.copy.path(), folders.store.path(), at(2)) == 1);
}

}  // namespace
}  // namespace ticketd
