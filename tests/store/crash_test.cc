#include <sys/mman.h>
#include <sys/wait.h>
#include <catch2/catch.hpp>

#include "store/sqlite.h"
#include "tests/store/fault_vfs.h"
#include "tests/store/store_fixture.h"

namespace ticketd {
namespace {

constexpr UidValidity kValidity{1};
constexpr int kBatches = 3;
constexpr int kMails = 3;

/// What the process that dies has been told to be durable; in memory that its parent sees too.
struct Progress {
  int batches = 0;  ///< committed
  int leased = 0;   ///< lease_outbox returned them
  int settled = 0;  ///< mark_results returned
  bool finished = false;
};

Progress* map_progress() {
  void* memory = ::mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? nullptr : new (memory) Progress;
}

void file_batch(Store& store, int batch) {
  Store::Transaction transaction(store);
  for (int i = 1; i <= kMails; ++i) {
    const int number = batch * kMails + i;
    const auto known = make_query(std::to_string(number) + "@customer");
    Store::Savepoint savepoint(store);
    store.apply(make_decision(number, known.message_id), std::string(20000, 'r'), &known, at(0));
    savepoint.release();
    LedgerEntry entry;
    entry.mailbox = "support";
    entry.uid_validity = kValidity;
    entry.uid = Uid{static_cast<std::uint32_t>(number)};
    entry.ticket = TicketId{number};
    store.record(entry);
  }
  store.advance_cursor("support", kValidity, Uid{static_cast<std::uint32_t>((batch + 1) * kMails)});
  transaction.commit();
}

void work(const std::filesystem::path& path, Progress& progress) {
  Store::Options options;
  options.vfs = "fault";
  Store store(path, options);
  store.open_mailbox("support", kValidity, Uid{0}, at(0));
  for (int batch = 0; batch < kBatches; ++batch) {
    file_batch(store, batch);
    ++progress.batches;
  }
  const auto rows = store.lease_outbox(at(0), 4);
  progress.leased = static_cast<int>(rows.size());
  std::vector<SendResult> results(2);
  for (std::size_t i = 0; i < results.size(); ++i) results[i].id = rows[i].mail.id;
  store.mark_results(results, at(1));
  progress.settled = static_cast<int>(results.size());
  store.tidy();
  progress.finished = true;
}

int count_state(const std::vector<OutboxRow>& rows, OutboxState state) {
  return static_cast<int>(std::ranges::count(rows, state, &OutboxRow::state));
}

void check_whole(const std::filesystem::path& path, const Progress& progress) {
  Store store(path);
  const auto tickets = store.list({}).size();
  CHECK(tickets % kMails == 0);
  CHECK(tickets >= static_cast<std::size_t>(progress.batches * kMails));
  CHECK(tickets <= static_cast<std::size_t>(progress.batches * kMails + kMails));
  CHECK(store.ledger("").size() == tickets);
  CHECK(store.search("printer", 0).size() == tickets);
  const auto outbox = store.outbox();
  CHECK(outbox.size() == tickets);
  const int sent = count_state(outbox, OutboxState::sent);
  CHECK((sent == progress.settled || (progress.settled == 0 && sent == 2)));
  CHECK(count_state(outbox, OutboxState::sending) + sent >= progress.leased);
  for (const auto& row : store.list({})) {
    const auto messages = store.messages(row.ticket.number);
    REQUIRE(messages.size() == 1);
    CHECK(store.raw(row.ticket.number, messages[0].id) == std::string(20000, 'r'));
    CHECK(store.events(row.ticket.number).size() == 1);
  }
  Database database(path.string(), {false, std::chrono::milliseconds{1000}, nullptr});
  CHECK(database.integer("SELECT integrity_check = 'ok' FROM pragma_integrity_check") == 1);
  CHECK(database.integer("SELECT count(*) FROM pragma_foreign_key_check") == 0);
}

/// Runs `work` in a process that the plan ends, or whose disk it breaks. True when the plan's step was reached.
bool run_with_fault(const std::filesystem::path& path, FaultPlan plan, Progress& progress) {
  const pid_t child = ::fork();
  if (child == 0) {
    FaultVfs vfs(plan);
    try {
      work(path, progress);
    } catch (const StoreError&) {
      ::_exit(1);
    } catch (...) {
      ::_exit(2);
    }
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  if (WIFSIGNALED(status)) return true;
  CHECK(WEXITSTATUS(status) != 2);
  return WEXITSTATUS(status) == 1 || !progress.finished;
}

void try_every_step(FaultPlan plan) {
  auto* progress = map_progress();
  REQUIRE(progress != nullptr);
  int reached = 0;
  for (plan.nth = 1; plan.nth < 2000; ++plan.nth) {
    StoreFolder folder;
    *progress = Progress();
    const bool hit = run_with_fault(folder.path(), plan, *progress);
    INFO("step " << plan.nth << ", " << progress->batches << " batches");
    check_whole(folder.path(), *progress);
    if (!hit && progress->finished) break;
    ++reached;
  }
  CHECK(reached > 30);
  ::munmap(progress, sizeof(Progress));
}

TEST_CASE("killed at any write or sync: all of a batch or nothing, and what was committed stays") {
  try_every_step({FaultPlan::Kind::kill, 0, 0, true});
}

TEST_CASE("a disk that fails at any write or sync is an error, and loses nothing that was committed") {
  try_every_step({FaultPlan::Kind::io_error, 0, 0, true});
}

TEST_CASE("a full disk at any write is an error, and loses nothing that was committed") {
  try_every_step({FaultPlan::Kind::full, 0, 0, true});
}

}  // namespace
}  // namespace ticketd
