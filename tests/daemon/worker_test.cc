#include "daemon/desk/worker.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

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

}  // namespace
}  // namespace ticketd
