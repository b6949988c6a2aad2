#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include <functional>

#include "tests/store/store_fixture.h"

namespace ticketd {
namespace {

/// Runs `work` in a process of its own; 0 when it returned.
pid_t start(const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  try {
    work();
  } catch (...) {
    ::_exit(1);
  }
  ::_exit(0);
}

int wait_for(pid_t child) {
  int status = 0;
  return ::waitpid(child, &status, 0) == child ? status : -1;
}

void write_tickets(const std::filesystem::path& path, int count) {
  Store store(path);
  for (int i = 0; i < count; ++i) {
    Store::Transaction transaction(store);
    const auto number = static_cast<int>(store.load_context(make_query("x@y")).next_number);
    store.apply(make_decision(number, std::to_string(number) + "@customer"), "raw", nullptr, at(0));
    transaction.commit();
  }
}

TEST_CASE("two processes open a new store at once and write by turns") {
  StoreFolder folder;
  const auto path = folder.path();
  const pid_t first = start([&] { write_tickets(path, 50); });
  const pid_t second = start([&] { write_tickets(path, 50); });
  CHECK(wait_for(first) == 0);
  CHECK(wait_for(second) == 0);
  Store store(path);
  CHECK(store.list({}).size() == 100);
  CHECK(store.outbox().size() == 100);
}

TEST_CASE("who waits too long for another writer is told so, and loses nothing") {
  StoreFolder folder;
  Store store(folder.path());
  Store::Options options;
  options.busy_timeout = std::chrono::milliseconds{1};
  Store other(folder.path(), options);
  {
    Store::Transaction transaction(store);
    store.apply(make_decision(1, "a@customer"), "raw", nullptr, at(0));
    CHECK_THROWS_AS(Store::Transaction(other), StoreBusy);
    CHECK_THROWS_AS(other.note_poll("support", at(0), "", {}), StoreBusy);
    CHECK_THROWS_AS(other.lease_outbox(at(0), 1), StoreBusy);
    CHECK_FALSE(other.ticket(TicketId{1}));
    transaction.commit();
  }
  CHECK(other.ticket(TicketId{1}));
  file_new(other, 2, "b@customer");
  CHECK(store.ticket(TicketId{2}));
}

}  // namespace
}  // namespace ticketd
