#include <catch2/catch.hpp>

#include <set>

#include "tests/store/store_reference.h"

namespace ticketd {
namespace {

using Random = SimulatedDisk::Random;

/// Calls `visit` with the disk as it was before each change of the work, and at its end.
template <class Visit>
void at_every_change(Visit visit) {
  SimulatedDisk disk;
  const auto& log = store_reference().log();
  for (std::size_t i = 0; i < log.size(); ++i) {
    visit(i, disk);
    disk.apply(log[i]);
  }
  visit(log.size(), disk);
}

/// Notes in `seen` which disk it was.
void check_disk(std::set<std::size_t>& seen, const SimulatedDisk& disk, std::size_t changes) {
  const auto& reference = store_reference();
  INFO("after " << changes << " changes of the disk");
  seen.insert(disk.fingerprint());
  CHECK(reference.judge(inspect_disk(disk), reference.acknowledged(changes)) == "");
}

TEST_CASE("the work of the fault tests does every kind of transaction") {
  const auto& reference = store_reference();
  CHECK(reference.log().size() > 200);
  for (std::size_t i = 2; i <= kWork.size(); ++i) {
    const std::string name = kWork[i - 1].name;
    const bool writes = name != "checkpoint" && name != "close and open" && name != "last close";
    INFO(name);
    CHECK((reference.state(i) != reference.state(i - 1)) == writes);
  }
  const auto& end = reference.state(kWork.size());
  for (const auto* what : {"quarantine: ", "'quarantined'", "'follow_up'", "'vanished'", "'uncertain'", "'deferred'",
                           "'sent'", "'sending'", "missing_uids: ", "raw_mails: ", "attachments: ", "alarms: ",
                           "blocked_senders: ", "undeliverable: ", "answer_counts: "}) {
    INFO(what);
    CHECK(std::ranges::any_of(std::array{end, reference.state(10)},
                              [&](const auto& rows) { return rows.find(what) != std::string::npos; }));
  }
}

TEST_CASE("killed at any change of the disk: all of a transaction or nothing, and what was committed stays") {
  std::set<std::size_t> disks;
  at_every_change([&](std::size_t changes, const SimulatedDisk& disk) { check_disk(disks, disk, changes); });
  CHECK(disks.size() > 150);
}

TEST_CASE("killed amid any write: all of a transaction or nothing, and what was committed stays") {
  std::set<std::size_t> disks;
  Random random(1);
  at_every_change([&](std::size_t changes, const SimulatedDisk& disk) {
    const auto& log = store_reference().log();
    if (changes == log.size() || log[changes].kind != DiskChange::Kind::write) return;
    SimulatedDisk torn = disk;
    torn.tear(log[changes], random);
    check_disk(disks, torn, changes);
  });
  CHECK(disks.size() > 150);
}

TEST_CASE("power cut at any change of the disk: what was committed stays, and nothing else") {
  std::set<std::size_t> disks;
  at_every_change(
      [&](std::size_t changes, const SimulatedDisk& disk) { check_disk(disks, disk.after_power_cut(), changes); });
  CHECK(disks.size() > 20);
}

TEST_CASE("power cut with any part of what was not synced on the disk") {
  std::set<std::size_t> disks;
  Random random(2);
  at_every_change([&](std::size_t changes, const SimulatedDisk& disk) {
    check_disk(disks, disk.after_power_cut(random), changes);
  });
  CHECK(disks.size() > 150);
}

/// A kill, and a power cut before the next process has written anything: what it saw must be there after it, for it may
/// have acted on it.
TEST_CASE("what a store shows when it is opened after a kill survives a power cut") {
  const auto& reference = store_reference();
  std::set<std::size_t> disks;
  at_every_change([&](std::size_t changes, const SimulatedDisk& disk) {
    if (!disks.insert(disk.fingerprint()).second) return;
    const auto& seen = inspect_disk(disk);
    SimulatedVfs vfs(disk);
    Session session(reference.path(), vfs.name());
    session.store();
    const auto& left = inspect_disk(vfs.disk().after_power_cut());
    INFO("after " << changes << " changes of the disk");
    CHECK(left.damage == "");
    CHECK((seen.rows == left.rows));
  });
  CHECK(disks.size() > 150);
}

/// What a statement makes of the store, in the eyes of the tests.
std::string damage_after(const std::string& statement) {
  const auto& reference = store_reference();
  SimulatedDisk disk;
  for (const auto& change : reference.log()) disk.apply(change);
  SimulatedVfs vfs(disk);
  open_plainly(reference.path(), vfs.name()).execute("PRAGMA foreign_keys = OFF; " + statement);
  return reference.judge(reference.inspect(vfs.disk()), kWork.size());
}

TEST_CASE("negative control: rows without their index, their ticket or their like are found") {
  CHECK(damage_after("SELECT 1") == "");
  CHECK(damage_after("UPDATE messages SET text = 'unheard of' WHERE id = 1").starts_with("damaged"));
  CHECK(damage_after("DELETE FROM tickets WHERE number = 1") == "damaged: foreign_key_check");
  CHECK(damage_after("UPDATE tickets SET subject = 'Another' WHERE number = 1").starts_with("half"));
}

// What the tests above would find if syncs were not what they say: without that, they show nothing.

/// How often the power cuts find something when the syncs that `lies` tells of do nothing.
template <class Lies>
std::size_t count_losses(Lies lies) {
  const auto& reference = store_reference();
  SimulatedDisk disk;
  std::size_t losses = 0;
  const auto& log = reference.log();
  for (std::size_t i = 0; i < log.size(); ++i) {
    auto change = log[i];
    const bool lost = change.kind == DiskChange::Kind::sync && lies(change);
    if (!lost) disk.apply(change);
    const auto verdict = reference.judge(inspect_disk(disk.after_power_cut()), reference.acknowledged(i + 1));
    if (verdict.starts_with("lost") || verdict.starts_with("damaged")) ++losses;
  }
  return losses;
}

bool is_wal(const DiskChange& change) { return change.file.ends_with("-wal"); }

TEST_CASE("negative control: power cuts find what syncs that lie have lost") {
  CHECK(count_losses([](const DiskChange&) { return true; }) > 100);
  CHECK(count_losses([](const DiskChange& change) { return is_wal(change); }) > 100);
  CHECK(count_losses([](const DiskChange& change) { return !is_wal(change); }) > 20);
  CHECK(count_losses([](const DiskChange&) { return false; }) == 0);
}

TEST_CASE("negative control: power cuts find a WAL whose name was not synced") {
  const auto forget = [](DiskChange& change) {
    change.directory = false;
    return false;
  };
  CHECK(count_losses(forget) > 100);
}

}  // namespace
}  // namespace ticketd
