#include "daemon/app/store_lock.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "tests/daemon/config/scratch_folder.h"

namespace ticketd {

TEST_CASE("whether a store's lock is held can be asked, and nobody is in the way who asks") {
  const ScratchFolder folder;
  const auto store = folder.path() / "tickets.db";
  CHECK_FALSE(StoreLock::is_held(store));  // there is none
  CHECK_FALSE(std::filesystem::exists(store));
  {
    const StoreLock lock(store);
    CHECK(StoreLock::is_held(store));
    CHECK_THROWS_AS(StoreLock(store), std::runtime_error);
    CHECK(StoreLock::is_held(store));  // who tried in vain has not taken it away
  }
  CHECK_FALSE(StoreLock::is_held(store));
  const StoreLock again(store);
  CHECK(StoreLock::is_held(store));
}

TEST_CASE("by another name it is the same store") {
  const ScratchFolder folder;
  const auto store = folder.path() / "tickets.db", link = folder.path() / "link.db";
  std::ofstream(store).close();
  std::filesystem::create_symlink(store, link);
  const StoreLock lock(store);
  CHECK(StoreLock::is_held(link));
}

}  // namespace ticketd
