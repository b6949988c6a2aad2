#include <catch2/catch.hpp>

#include "tests/store/store_reference.h"

// Faults, kills and power cuts while a store is opened that was cut off before.
namespace ticketd {
namespace {

/// A disk after a kill or power cut amid the work.
struct Wreck {
  SimulatedDisk disk;
  std::size_t acknowledged = 0;
};

/// One in thirty changes of the work; kills and power cuts take turns.
std::vector<Wreck> make_wrecks() {
  const auto& reference = store_reference();
  std::vector<Wreck> wrecks;
  SimulatedDisk disk;
  SimulatedDisk::Random random(4);
  for (std::size_t i = 0; i < reference.log().size(); ++i) {
    if (i % 30 == 17) wrecks.push_back({i % 60 == 17 ? disk : disk.after_power_cut(random), reference.acknowledged(i)});
    disk.apply(reference.log()[i]);
  }
  return wrecks;
}

void check_wreck(const SimulatedDisk& disk, std::size_t acknowledged) {
  CHECK(store_reference().judge(inspect_disk(disk), acknowledged) == "");
}

/// False when a StoreError came out.
bool open_and_close(SimulatedVfs& vfs) {
  try {
    Session session(store_reference().path(), vfs.name());
    session.store();
    return true;
  } catch (const StoreBusy&) {
    FAIL("there is nobody else");
  } catch (const StoreError&) {
  }
  return false;
}

struct Sums {
  int injected = 0;
  int refused = 0;
};

void open_with_fault(const Wreck& wreck, const FaultPlan& plan, Sums& sums) {
  SimulatedVfs vfs(wreck.disk, plan);
  if (!open_and_close(vfs)) ++sums.refused;
  sums.injected += vfs.plan().injected();
  CHECK(vfs.plan().injected() > 0);
  check_wreck(vfs.disk(), wreck.acknowledged);
  check_wreck(vfs.disk().after_power_cut(), wreck.acknowledged);
}

/// At up to sixteen of the operations of this kind that an opening and closing needs; alone or with all later ones.
void try_fault(const Wreck& wreck, const Fault& fault, int needed, Sums& sums) {
  const int stride = needed / 16 + 1;
  for (int nth = 1; nth <= needed; nth += stride) {
    INFO(fault.name << ", number " << nth << ", after " << wreck.acknowledged << " steps");
    open_with_fault(wreck, FaultPlan(fault, nth, nth / stride % 2 == 0), sums);
  }
}

TEST_CASE("a fault while a store is recovered: nothing is lost, the next start finds all") {
  Sums sums;
  for (const auto& wreck : make_wrecks()) {
    SimulatedVfs whole(wreck.disk);
    REQUIRE(open_and_close(whole));
    for (const auto& fault : kFaults) try_fault(wreck, fault, whole.plan().count(fault.operation), sums);
  }
  CHECK(sums.injected > 1000);
  CHECK(sums.refused > 500);
}

TEST_CASE("a kill or power cut while a store is recovered: nothing is lost, the next start finds all") {
  std::size_t cuts = 0;
  for (const auto& wreck : make_wrecks()) {
    SimulatedVfs vfs(wreck.disk);
    REQUIRE(open_and_close(vfs));
    SimulatedDisk disk = wreck.disk;
    for (const auto& change : vfs.log()) {
      disk.apply(change);
      check_wreck(disk, wreck.acknowledged);
      check_wreck(disk.after_power_cut(), wreck.acknowledged);
      ++cuts;
    }
  }
  CHECK(cuts > 200);
}

TEST_CASE("a store that was cut off takes up its work where it was") {
  const auto& reference = store_reference();
  const auto wrecks = make_wrecks();
  CHECK(wrecks.size() > 10);
  for (const auto& wreck : wrecks) {
    SimulatedVfs vfs(wreck.disk);
    Session session(reference.path(), vfs.name());
    session.store();
    const bool one_more = inspect_disk(wreck.disk).rows == reference.state(wreck.acknowledged + 1);
    for (std::size_t step = wreck.acknowledged + (one_more ? 1 : 0); step < kWork.size(); ++step)
      run_step(step, session);
    CHECK((inspect_disk(vfs.disk()).rows == reference.state(kWork.size())));
  }
}

std::size_t work_to_the_error(Session& session) {
  for (std::size_t step = 0; step < kWork.size(); ++step) {
    try {
      run_step(step, session);
    } catch (const StoreError&) {
      return step;
    }
  }
  return kWork.size();
}

/// The rest of the work, with a power cut after each step that wrote something.
void work_with_power_cuts(const SimulatedDisk& disk, std::size_t acknowledged) {
  const auto& reference = store_reference();
  SimulatedVfs vfs(disk);
  Session session(reference.path(), vfs.name());
  session.store();
  if (inspect_disk(disk).rows == reference.state(acknowledged + 1)) ++acknowledged;
  for (std::size_t step = acknowledged; step < kWork.size(); ++step) {
    run_step(step, session);
    if (reference.state(step + 1) == reference.state(step)) continue;
    INFO("then up to " << kWork[step].name);
    CHECK(reference.judge(inspect_disk(vfs.disk().after_power_cut()), step + 1) == "");
  }
}

/// What the kernel still shows of a transaction whose sync failed, the disk never gets. A killed process leaves it to
/// the next one, which takes it for committed.
TEST_CASE("commits after a kill after a failed sync are as durable as any") {
  const auto& reference = store_reference();
  const Fault sync_error{"sync error", DiskOperation::sync, SQLITE_IOERR_FSYNC};
  int errors = 0;
  for (int nth = 1; nth <= reference.count(DiskOperation::sync); ++nth) {
    SimulatedVfs vfs(SimulatedDisk(), FaultPlan(sync_error, nth, false));
    Session session(reference.path(), vfs.name());
    const auto steps = work_to_the_error(session);
    if (steps == kWork.size()) continue;
    ++errors;
    INFO("sync " << nth << ", " << steps << " steps");
    work_with_power_cuts(vfs.disk(), steps);
  }
  CHECK(errors > 15);
}

}  // namespace
}  // namespace ticketd
