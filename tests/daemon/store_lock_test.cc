#include "daemon/app/store_lock.h"

#include <sys/prctl.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

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

TEST_CASE("a daemon that starts gets the lock while somebody asks all the time") {
  const ScratchFolder folder;
  const auto store = folder.path() / "tickets.db";
  std::atomic<bool> is_over = false;
  std::atomic<int> asked = 0;
  std::thread curious([&] {
    while (!is_over) {
      static_cast<void>(StoreLock::is_held(store));
      ++asked;
    }
  });
  constexpr int kStarts = 300, kQuestions = 1000;
  bool was_refused = false;
  for (int start = 0; !was_refused && (start < kStarts || asked < kQuestions); ++start) {
    try {
      const StoreLock lock(store);
    } catch (const std::exception&) {
      was_refused = true;
    }
  }
  is_over = true;
  curious.join();
  CHECK_FALSE(was_refused);
}

TEST_CASE("a daemon of an earlier version, which took the flock alone, is seen by its process") {
  const ScratchFolder folder;
  const auto store = folder.path() / "tickets.db";
  std::ofstream(folder.path() / "tickets.db.lock") << ::getpid();
  CHECK_FALSE(StoreLock::is_held(store));  // a process of another name: the file is a leftover
  char own[16];
  REQUIRE(::prctl(PR_GET_NAME, own) == 0);
  REQUIRE(::prctl(PR_SET_NAME, "ticketd") == 0);
  CHECK(StoreLock::is_held(store));
  REQUIRE(::prctl(PR_SET_NAME, own) == 0);
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
