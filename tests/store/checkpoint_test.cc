#include <catch2/catch.hpp>

#include <random>

#include "store/sqlite.h"
#include "tests/store/simulated_vfs.h"
#include "tests/store/store_fixture.h"

// A disk drops what a failed sync was to write, and later syncs succeed without it. SQLite counts pages as copied back
// once they are written, while a reader keeps it from finishing: after a failed sync they must be copied again.
namespace ticketd {
namespace {

constexpr Fault kSyncError{"sync error", DiskOperation::sync, SQLITE_IOERR_FSYNC};

struct Scene {
  StoreFolder folder;
  SimulatedVfs vfs{SimulatedDisk()};
  Store::Options options{.vfs = vfs.name()};
  std::optional<Store> store{std::in_place, folder.path(), options};

  /// Copies the first ticket's pages back as far as they go while a reader needs the store without the second ticket.
  void copy_partly() {
    file_new(*store, 1, "1@customer");
    Database reader(folder.path().string(), {false, std::chrono::milliseconds{1000}, vfs.name()});
    reader.execute("BEGIN; SELECT count(*) FROM tickets");
    file_new(*store, 2, "2@customer");
    store->tidy();
    reader.execute("COMMIT");
  }
  void fail_next_sync(int ahead) { vfs.plan() = FaultPlan(kSyncError, ahead, false); }
  std::size_t tickets_after_power_cut() {
    SimulatedVfs left(vfs.disk().after_power_cut());
    Store again(folder.path(), {.vfs = left.name()});
    return again.list({}).size();
  }
};

/// Mails that don't get smaller by compression.
std::string noise(std::size_t size) {
  std::minstd_rand random(3);
  std::string octets(size, ' ');
  for (auto& octet : octets) octet = static_cast<char>(random() >> 8);
  return octets;
}

TEST_CASE("a checkpoint whose sync failed is not taken up where it broke, and not at the store's end either") {
  Scene scene;
  scene.copy_partly();
  scene.fail_next_sync(2);  // after that of the WAL
  CHECK_THROWS_AS(scene.store->tidy(), StoreError);
  REQUIRE(scene.vfs.plan().injected() == 1);
  CHECK_THROWS_AS(scene.store->tidy(), StoreError);
  CHECK_THROWS_AS(file_new(*scene.store, 3, "3@customer"), StoreError);
  scene.store.reset();
  CHECK(scene.tickets_after_power_cut() == 2);
}

TEST_CASE("a checkpoint of a long WAL whose sync failed ends the store") {
  Scene scene;
  scene.copy_partly();
  scene.fail_next_sync(3);  // after those of the commit and of the WAL
  CHECK_THROWS_AS(file(*scene.store, make_decision(3, "3@customer"), noise(17000000)), CommittedStoreError);
  REQUIRE(scene.vfs.plan().injected() == 1);
  CHECK(scene.store->ticket(TicketId{3}));
  CHECK_THROWS_AS(file_new(*scene.store, 4, "4@customer"), StoreError);
  scene.store.reset();
  CHECK(scene.tickets_after_power_cut() == 3);
}

TEST_CASE("a long WAL is copied back by the commit that made it long") {
  Scene scene;
  file(*scene.store, make_decision(1, "1@customer"), noise(17000000));
  CHECK(scene.vfs.disk().content(scene.folder.path().string()).size() > 17000000);
}

}  // namespace
}  // namespace ticketd
