#include "daemon/desk/worker.h"

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <thread>

#include "tests/store/store_fixture.h"

namespace ticketd {
namespace {

std::unique_ptr<Desk> make_desk(const StoreFolder& folder) {
  auto now = [] { return at(0); };
  auto tokens = [] { return std::string(32, 'a'); };
  return std::make_unique<Desk>(Store(folder.path()), std::make_shared<const DeskRules>(), now, tokens);
}

boost::asio::awaitable<void> run_job(Worker& worker, std::function<int(Desk&)> job, std::string& result) {
  try {
    const int value = co_await worker.run<int>(std::move(job));
    result = std::to_string(value);
  } catch (const std::exception& error) {
    result = error.what();
  }
}

/// What each job brings, in order.
std::vector<std::string> run_all(Worker& worker, const std::vector<std::function<int(Desk&)>>& jobs) {
  boost::asio::io_context io;
  std::vector<std::string> results(jobs.size());
  for (std::size_t i = 0; i < jobs.size(); ++i)
    boost::asio::co_spawn(io, run_job(worker, jobs[i], results[i]), [](const std::exception_ptr&) {});
  io.run();
  return results;
}

using Results = std::vector<std::string>;

TEST_CASE("a job's result or error reaches whoever awaits it") {
  StoreFolder folder;
  Worker worker(make_desk(folder));
  const auto good = [](Desk&) { return 1; };
  const auto bad = [](Desk&) -> int { throw std::runtime_error("no"); };
  CHECK(run_all(worker, {good, bad, good}) == Results{"1", "no", "1"});
  // The counters follow a moment after the last result.
  for (int i = 0; i < 10'000 && worker.pending() > 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds{1});
  CHECK(worker.finished() == 3);
  CHECK(worker.pending() == 0);
}

TEST_CASE("a busy store is tried again, a broken one is left alone") {
  StoreFolder folder;
  Worker worker(make_desk(folder));
  int runs = 0;
  const auto counted = [&](Desk&) { return ++runs; };
  const auto busy = [](Desk&) -> int { throw StoreBusy("busy"); };
  const auto broken = [](Desk&) -> int { throw StoreError("disk I/O error"); };
  CHECK(run_all(worker, {busy, counted, broken, counted, busy}) ==
        Results{"busy", "1", "disk I/O error", "disk I/O error", "disk I/O error"});
  CHECK(runs == 1);
}

TEST_CASE("a worker that is never idle forgets what no limit counts any more all the same") {
  StoreFolder folder;
  auto desk = make_desk(folder);
  constexpr int kLongAgo = -60 * 24 * 100;
  auto decision = make_decision(1, "old@customer");
  decision.withheld_in_storm = true;
  file(desk->store(), decision, {}, nullptr, kLongAgo);
  const auto on_record = [&] { return Store(folder.path()).withheld_answers(at(kLongAgo - 1), at(kLongAgo + 1)); };
  REQUIRE(on_record() == 1);
  Worker::Pace pace;
  pace.quiet = std::chrono::hours{1};
  pace.between_idle = std::chrono::milliseconds{0};
  Worker worker(std::move(desk), pace);
  const auto job = [](Desk&) { return 1; };
  CHECK(run_all(worker, {job, job}) == Results{"1", "1"});  // after the first one there was time for it
  CHECK(on_record() == 0);
}

TEST_CASE("the search index catches up in a moment without jobs, and a piece at a time where none comes") {
  const bool is_idle = GENERATE(true, false);
  CAPTURE(is_idle);
  StoreFolder folder;
  auto desk = make_desk(folder);
  Worker::Pace pace;
  (is_idle ? pace.breath : pace.between_breaths) = std::chrono::milliseconds{0};
  (is_idle ? pace.between_breaths : pace.breath) = std::chrono::hours{1};
  const auto indexed = [&] { return open_plainly(folder.path()).integer("SELECT indexed_up_to FROM search_progress"); };
  Worker worker(std::move(desk), pace);
  const auto filing = [](Desk& desk) {
    Store::Transaction transaction(desk.store());
    for (int number = 1; number <= 1000; ++number) {
      Store::Savepoint savepoint(desk.store());
      desk.store().apply(make_decision(number, std::to_string(number) + "@customer"), "raw", nullptr, at(number));
      savepoint.release();
    }
    transaction.commit();
    return 1;
  };
  const auto nothing = [](Desk&) { return 1; };
  CHECK(run_all(worker, {filing}) == Results{"1"});
  if (is_idle) {
    for (int i = 0; i < 10'000 && indexed() < 1000; ++i) std::this_thread::sleep_for(std::chrono::milliseconds{1});
    CHECK(indexed() == 1000);
    return;
  }
  CHECK(run_all(worker, {nothing, nothing}) == Results{"1", "1"});
  CHECK(indexed() > 0);
  CHECK(indexed() < 1000);
}

TEST_CASE("a search index that can't be written to for now is written to later") {
  StoreFolder folder;
  Store::Options options;
  options.busy_timeout = std::chrono::milliseconds{5};
  auto desk = std::make_unique<Desk>(
      Store(folder.path(), options), std::make_shared<const DeskRules>(), [] { return at(0); },
      [] { return std::string(32, 'a'); });
  file_new(desk->store(), 1, "a@customer");
  auto other = open_plainly(folder.path());
  const auto indexed = [&] { return other.integer("SELECT indexed_up_to FROM search_progress"); };
  other.execute("BEGIN IMMEDIATE");
  Worker::Pace pace;
  pace.breath = pace.quiet = std::chrono::milliseconds{1};
  Worker worker(std::move(desk), pace);
  std::this_thread::sleep_for(std::chrono::milliseconds{50});
  CHECK(indexed() == 0);
  other.execute("COMMIT");
  for (int i = 0; i < 10'000 && indexed() < 1; ++i) std::this_thread::sleep_for(std::chrono::milliseconds{1});
  CHECK(indexed() == 1);
}

TEST_CASE("at its end a worker waits for a locked store once, and not for each job anew") {
  using Clock = std::chrono::steady_clock;
  StoreFolder folder;
  auto desk = make_desk(folder);  // which waits for five seconds each time
  file_new(desk->store(), 1, "a@customer");
  while (desk->index()) {
  }
  auto other = open_plainly(folder.path());
  other.execute("BEGIN IMMEDIATE");
  boost::asio::io_context io;
  std::vector<std::string> results(4);
  std::atomic<int> busy = 0;
  Worker::Pace pace;
  pace.at_end = std::chrono::milliseconds{100};
  auto worker = std::make_unique<Worker>(std::move(desk), pace);
  const auto writing = [&busy](Desk& desk) -> int {
    try {
      Store::Transaction transaction(desk.store());
    } catch (const StoreBusy&) {
      ++busy;
    }
    return 1;
  };
  for (auto& result : results)
    boost::asio::co_spawn(io, run_job(*worker, writing, result), [](const std::exception_ptr&) {});
  io.poll();                                                   // all are queued
  std::this_thread::sleep_for(std::chrono::milliseconds{50});  // and the first one waits
  const auto start = Clock::now();
  worker.reset();
  CHECK(Clock::now() - start < std::chrono::seconds{3});
  CHECK(busy == 4);
}

}  // namespace
}  // namespace ticketd
