#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <catch2/catch.hpp>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <random>

#include "store/sqlite.h"
#include "tests/store/store_fixture.h"

namespace ticketd {
namespace {

/// A file system of 2 MB in a folder of its own, which no other process sees; it needs root.
class SmallDisk {
 public:
  SmallDisk() {
    const auto folder = folder_.path().parent_path();
    // Away from the other processes' file systems, for this test program's whole life.
    const bool made = ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                      ::mount("tmpfs", folder.c_str(), "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=2m") == 0;
    if (made)
      folder_name_ = folder;
    else
      reason_ = std::strerror(errno);
  }
  ~SmallDisk() {
    if (is_there()) ::umount2(folder_name_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  [[nodiscard]] bool is_there() const { return !folder_name_.empty(); }
  [[nodiscard]] const std::string& reason() const { return reason_; }
  [[nodiscard]] std::filesystem::path path() const { return folder_.path(); }
  /// Takes what is left.
  void fill() {
    std::ofstream rest(filler(), std::ios::binary);
    const std::string page(4096, 'f');
    while (rest.write(page.data(), static_cast<std::streamsize>(page.size())).flush()) {
    }
  }
  void give_back() { std::filesystem::remove(filler()); }
  void grow() { REQUIRE(::mount("tmpfs", folder_name_.c_str(), "tmpfs", MS_REMOUNT, "size=16m") == 0); }

 private:
  [[nodiscard]] std::filesystem::path filler() const { return path().parent_path() / "filler"; }

  StoreFolder folder_;
  std::string folder_name_;
  std::string reason_;
};

std::string noise(std::size_t size, unsigned seed) {
  std::minstd_rand random(seed);
  std::string octets(size, ' ');
  for (auto& octet : octets) octet = static_cast<char>(random() >> 8);
  return octets;
}

/// Files batches of two tickets until the store gives up, and indexes them; how many batches were committed.
int file_until_full(Store& store, std::string& error) {
  for (int batch = 0; batch < 1000; ++batch) {
    try {
      while (store.index_messages(10)) {
      }
      Store::Transaction transaction(store);
      for (int number = batch * 2 + 1; number <= batch * 2 + 2; ++number)
        store.apply(make_decision(number, std::to_string(number) + "@customer"),
                    noise(20000, static_cast<unsigned>(number)), nullptr, at(0));
      transaction.commit();
    } catch (const StoreError& full) {
      error = full.what();
      return batch;
    }
  }
  return 1000;
}

/// Fills the disk in a process that then ends without closing its store; how many batches were committed, -1: no error.
int fill_in_process(const std::filesystem::path& path) {
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      Store store(path);
      std::string error;
      const int batches = file_until_full(store, error);
      ::_exit(error.find("disk is full") == std::string::npos ? 255 : batches);
    } catch (...) {
      ::_exit(254);
    }
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

void check_tickets(const std::filesystem::path& path, int batches) {
  Store store(path);
  const auto tickets = store.list({}).size();
  CHECK((tickets == static_cast<std::size_t>(batches) * 2 || tickets == static_cast<std::size_t>(batches) * 2 + 2));
  for (const auto& row : store.list({})) {
    const auto id = store.messages(row.ticket.number).at(0).id;
    CHECK((store.raw(row.ticket.number, id) == noise(20000, static_cast<unsigned>(row.ticket.number))));
  }
  auto database = open_plainly(path);
  const auto indexed = database.integer("SELECT indexed_up_to FROM search_progress");
  CHECK(indexed + 2 >= static_cast<std::int64_t>(tickets));
  CHECK(store.search("printer", 0).size() == static_cast<std::size_t>(indexed));
  CHECK(database.integer("SELECT integrity_check = 'ok' FROM pragma_integrity_check") == 1);
}

/// Whether a store opens and takes a ticket.
bool takes_a_ticket(const std::filesystem::path& path) {
  try {
    Store store(path);
    file(store, make_decision(900, "900@customer"), noise(200000, 1));
    return true;
  } catch (const StoreError&) {
    return false;
  }
}

TEST_CASE("a real disk that is full, still full at the next start, and has space again") {
  SmallDisk disk;
  if (!disk.is_there()) {
    WARN("skipped: no file system of its own can be mounted: " << disk.reason());
    return;
  }
  const int batches = fill_in_process(disk.path());
  REQUIRE(batches > 3);
  REQUIRE(batches < 200);
  disk.fill();
  CHECK_FALSE(takes_a_ticket(disk.path()));
  CHECK_FALSE(takes_a_ticket(disk.path()));
  disk.give_back();
  check_tickets(disk.path(), batches);
  disk.grow();
  check_tickets(disk.path(), batches);
  CHECK(takes_a_ticket(disk.path()));
}

}  // namespace
}  // namespace ticketd
