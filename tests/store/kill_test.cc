#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <catch2/catch.hpp>

#include <thread>

#include "tests/store/store_reference.h"

// Real processes and files: what the simulated disk takes for granted of SQLite's own locks and shared memory.
namespace ticketd {
namespace {

/// A number that a process shares with its parent.
class SharedCount {
 public:
  SharedCount() {
    void* memory = ::mmap(nullptr, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::runtime_error("mmap failed");
    count_ = static_cast<volatile int*>(memory);
  }
  ~SharedCount() { ::munmap(const_cast<int*>(count_), sizeof(int)); }
  SharedCount(const SharedCount&) = delete;
  SharedCount& operator=(const SharedCount&) = delete;
  [[nodiscard]] int get() const { return *count_; }
  void add() { *count_ = *count_ + 1; }

 private:
  volatile int* count_;
};

/// The work in a process of its own, which counts the steps that have returned.
pid_t start_work(const std::filesystem::path& path, SharedCount& acknowledged) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  try {
    Session session(path, nullptr);
    for (std::size_t step = 0; step < kWork.size(); ++step) {
      run_step(step, session);
      acknowledged.add();
    }
  } catch (...) {
    ::_exit(1);
  }
  ::_exit(0);
}

/// Kills it within its next step once so many steps have returned; false when it was at its end already.
bool kill_after(pid_t child, const SharedCount& acknowledged, int steps, std::chrono::microseconds more) {
  constexpr std::chrono::microseconds kPause{50};
  int status = 0;
  pid_t ended = 0;
  for (int waits = 0; acknowledged.get() < steps && ended == 0 && waits < 1000000; ++waits) {
    ended = ::waitpid(child, &status, WNOHANG);
    std::this_thread::sleep_for(kPause);
  }
  std::this_thread::sleep_for(more);
  if (ended == 0) {
    ::kill(child, SIGKILL);
    ended = ::waitpid(child, &status, 0);
  }
  REQUIRE(ended == child);
  CHECK((WIFSIGNALED(status) || WEXITSTATUS(status) == 0));
  return WIFSIGNALED(status);
}

TEST_CASE("kill -9 of a process on real files: all of a transaction or nothing, and what was committed stays") {
  const auto& reference = store_reference();
  int killed = 0;
  for (int steps = 0; steps < static_cast<int>(kWork.size()); ++steps) {
    StoreFolder folder;
    SharedCount acknowledged;
    const pid_t child = start_work(folder.path(), acknowledged);
    REQUIRE(child > 0);
    if (kill_after(child, acknowledged, steps, std::chrono::microseconds{steps * 97 % 500})) ++killed;
    INFO("killed after " << acknowledged.get() << " steps");
    Store store(folder.path());
    const auto found = reference.read(folder.path(), nullptr);
    CHECK(reference.judge(found, static_cast<std::size_t>(acknowledged.get())) == "");
  }
  CHECK(killed > 10);
}

}  // namespace
}  // namespace ticketd
