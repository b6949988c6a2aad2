#include "store/backup.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>

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
  const auto held_back = prepare_restored(folders.copy.path(), at(6000));
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

}  // namespace
}  // namespace ticketd
