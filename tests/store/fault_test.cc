#include <catch2/catch.hpp>

#include "tests/store/store_reference.h"

namespace ticketd {
namespace {

/// The work on a disk of which one operation fails, or that one and all later ones of its kind.
class FaultyRun {
 public:
  FaultyRun(const Fault& fault, int nth, bool for_ever)
      : vfs_(SimulatedDisk(), FaultPlan(fault, nth, for_ever)), session_(reference_.path(), vfs_.name()) {}

  /// Goes on as a service would that is started again after each StoreError.
  void work_to_the_end() {
    while (steps_ < kWork.size()) {
      const bool good = work_one_step();
      if (!good) meet_error();
      if (good && errors_ != 0 && !std::exchange(went_on_, true)) check_power_cut();
      REQUIRE(errors_ < 4);
    }
    session_.close();
    check_end(vfs_.disk());
    check_end(vfs_.disk().after_power_cut());
  }

  /// Up to the first error; then again, and with a new store, while the disk is as bad.
  void work_to_the_error() {
    while (steps_ < kWork.size() && work_one_step()) {
    }
    if (steps_ < kWork.size()) work_one_step();
    session_.close();
    if (steps_ < kWork.size()) work_one_step();
    session_.close();
    check_disk();
  }

  [[nodiscard]] int injected() { return vfs_.plan().injected(); }
  [[nodiscard]] int errors() const { return errors_; }

 private:
  bool work_one_step() {
    try {
      run_step(steps_, session_);
      ++steps_;
      return true;
    } catch (const StoreBusy&) {
      FAIL("there is nobody else");
    } catch (const StoreError&) {
      ++errors_;
    }
    return false;
  }

  /// The step is done or not, for others too, whatever comes next; this store writes no more, or goes on.
  void meet_error() {
    check_disk();
    StoreFindings found;
    if (session_.is_open()) {
      found.rows = reference_.read_rows_only(vfs_.name());
      CHECK(reference_.judge(found, steps_) == "");
      if (refuses_to_write(session_.store())) session_.close();
    }
    if (!session_.is_open()) found = inspect_disk(vfs_.disk());
    if (found.rows == reference_.state(steps_ + 1) && found.rows != reference_.state(steps_)) ++steps_;
  }

  /// None of these changes anything.
  static bool refuses_to_write(Store& store) {
    int refusals = 0;
    const auto count = [&](auto write) {
      try {
        write();
      } catch (const StoreError&) {
        ++refusals;
      }
    };
    count([&] { store.note_missing("nobody", {}); });
    count([&] { static_cast<void>(store.lease_outbox(at(-1000), 1)); });
    count([&] { store.advance_cursor("nobody", UidValidity{1}, Uid{1}); });
    count([&] { Store::Transaction transaction(store); });
    CHECK((refusals == 0 || refusals == 4));
    return refusals != 0;
  }

  /// A kill or a power cut now.
  void check_disk() {
    check_power_cut();
    CHECK(reference_.judge(inspect_disk(vfs_.disk()), steps_) == "");
  }
  void check_power_cut() { CHECK(reference_.judge(inspect_disk(vfs_.disk().after_power_cut()), steps_) == ""); }
  void check_end(const SimulatedDisk& disk) {
    const auto& found = inspect_disk(disk);
    CHECK(found.damage.empty());
    CHECK((found.rows == reference_.state(kWork.size())));
  }

  const StoreReference& reference_ = store_reference();
  SimulatedVfs vfs_;
  Session session_;
  std::size_t steps_ = 0;  ///< acknowledged
  int errors_ = 0;
  bool went_on_ = false;
};

/// How many faults there were, and how many the store's user saw.
struct Sums {
  int injected = 0;
  int errors = 0;
};

/// Every change of the disk has its turn. Write errors and full disks share the writes, for they differ in the code
/// only; of reads and locks, which change nothing, one in three will do.
bool has_turn(const Fault& fault, int nth, bool for_ever) {
  switch (fault.operation) {
    case DiskOperation::write:
      return (fault.code == SQLITE_FULL) == ((nth % 2 == 0) != for_ever);
    case DiskOperation::read:
    case DiskOperation::lock:
      return nth % 3 == (for_ever ? 1 : 0);
    case DiskOperation::open:
    case DiskOperation::sync:
    case DiskOperation::truncate:
    case DiskOperation::remove:
    case DiskOperation::size:
    case DiskOperation::access:
    case DiskOperation::map_memory:
      return true;
  }
  return true;
}

template <class Work>
Sums fail_each(const Fault& fault, bool for_ever, Work work) {
  Sums sums;
  for (int nth = 1; nth <= store_reference().count(fault.operation); ++nth) {
    if (!has_turn(fault, nth, for_ever)) continue;
    INFO(fault.name << ", number " << nth);
    FaultyRun run(fault, nth, for_ever);
    work(run);
    CHECK(run.injected() >= 1);
    sums.injected += run.injected();
    sums.errors += run.errors();
  }
  return sums;
}

TEST_CASE("a disk that fails once: the transaction is gone or there, and the work goes on") {
  Sums sums;
  for (const auto& fault : kFaults) {
    const auto some = fail_each(fault, false, [](FaultyRun& run) { run.work_to_the_end(); });
    sums.injected += some.injected;
    sums.errors += some.errors;
  }
  CHECK(sums.injected > 500);
  CHECK(sums.errors > 400);
}

TEST_CASE("a disk that fails for ever: what was committed stays, all of the rest or nothing is there") {
  Sums sums;
  for (const auto& fault : kFaults) {
    const auto some = fail_each(fault, true, [](FaultyRun& run) { run.work_to_the_error(); });
    sums.injected += some.injected;
    sums.errors += some.errors;
  }
  CHECK(sums.injected > 1000);
  CHECK(sums.errors > 1000);
}

/// Goes on in a transaction that a read error has undone, as if nothing had happened.
void go_on_after_error(Store& store, FaultPlan& plan, int nth) {
  Store::Transaction transaction(store);
  plan = FaultPlan({"read error", DiskOperation::read, SQLITE_IOERR_READ}, nth, false);
  CHECK_THROWS_AS(work::file_mail(store, 19, work::new_ticket(19, 6)), StoreError);
  CHECK_THROWS_AS(work::record(store, 20, Outcome::ignored, {}), StoreError);
  CHECK_THROWS_AS(work::file_mail(store, 21, work::new_ticket(21, 7)), StoreError);
  CHECK_THROWS_AS(store.advance_cursor("support", work::kValidity, Uid{21}), StoreError);
  CHECK_THROWS_AS(transaction.commit(), StoreError);
}

int reads_of_a_mail(const SimulatedDisk& disk) {
  SimulatedVfs vfs(disk);
  Session session(store_reference().path(), vfs.name());
  session.store();
  Store::Transaction transaction(session.store());
  const int before = vfs.plan().count(DiskOperation::read);
  work::file_mail(session.store(), 19, work::new_ticket(19, 6));
  return vfs.plan().count(DiskOperation::read) - before;
}

TEST_CASE("what is done in a transaction after the disk failed is not committed by itself") {
  const auto& reference = store_reference();
  SimulatedDisk disk;
  for (const auto& change : reference.log()) disk.apply(change);
  const int reads = reads_of_a_mail(disk);
  int injected = 0;
  for (int nth = 1; nth <= reads; ++nth) {
    SimulatedVfs vfs(disk);
    Session session(reference.path(), vfs.name());
    session.store();
    go_on_after_error(session.store(), vfs.plan(), nth);
    injected += vfs.plan().injected();
    CHECK((inspect_disk(vfs.disk()).rows == reference.state(kWork.size())));
  }
  CHECK(injected > 5);
}

}  // namespace
}  // namespace ticketd
