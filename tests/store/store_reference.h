#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "store/sqlite.h"
#include "tests/store/simulated_vfs.h"
#include "tests/store/store_work.h"

// What a store must be like after a fault: one of the states that it had on a disk without faults.
namespace ticketd {

/// A store as it was found: every row of every table, and what is wrong with it.
struct StoreFindings {
  std::string rows;
  std::string damage;  ///< empty when it is sound
};

/// A query of all rows for each table; the search index is judged by itself, against the messages.
inline std::vector<std::string> queries_of_all_rows(Database& database) {
  std::vector<std::string> queries;
  auto tables = database.prepare(
      "SELECT name, (SELECT group_concat('quote(' || name || ')', ' || '','' || ') FROM pragma_table_info(s.name)) "
      "FROM sqlite_schema s WHERE type = 'table' AND name NOT LIKE 'message_search%' ORDER BY name");
  auto rows = tables.query();
  while (rows.next()) {
    const auto name = rows.text();
    queries.push_back(fmt::format("SELECT '{0}: ' || {1} FROM {0} ORDER BY 1", name, rows.view()));
  }
  return queries;
}

inline std::string read_rows(Database& database, const std::vector<std::string>& queries) {
  std::string all;
  for (const auto& query : queries) {
    auto statement = database.prepare(query);
    auto rows = statement.query();
    while (rows.next()) all.append(rows.view()).append("\n");
  }
  return all;
}

/// Throws StoreError when the search index, with what it still lacks, does not fit the messages.
inline std::string find_damage(Database& database) {
  if (database.integer("SELECT integrity_check = 'ok' FROM pragma_integrity_check") != 1) return "integrity_check";
  if (database.integer("SELECT count(*) FROM pragma_foreign_key_check") != 0) return "foreign_key_check";
  database.execute(
      "BEGIN; INSERT INTO message_search (rowid, subject, text) SELECT id, subject, text FROM messages "
      "WHERE id > (SELECT indexed_up_to FROM search_progress); "
      "INSERT INTO message_search (message_search, rank) VALUES ('integrity-check', 1); ROLLBACK");
  return "";
}

/// The first line of `found` that `expected` has not.
inline std::string first_difference(const std::string& found, const std::string& expected) {
  const auto at = static_cast<std::size_t>(std::ranges::mismatch(found, expected).in1 - found.begin());
  const auto begin = at == 0 ? 0 : found.rfind('\n', at - 1) + 1;
  return found.substr(begin, std::min<std::size_t>(found.find('\n', at) - begin, 200));
}

/// The work on a disk without faults: what it did to the disk, and the store after each step.
class StoreReference {
 public:
  StoreReference() {
    SimulatedVfs vfs{SimulatedDisk()};
    Session session(path(), vfs.name());
    for (std::size_t step = 0; step < kWork.size(); ++step) {
      run_step(step, session);
      acknowledged_.push_back(vfs.log().size());
      if (queries_.empty()) learn_queries(vfs.disk());
      if (states_.empty()) states_.push_back(inspect(vfs.disk()).rows);
      states_.push_back(inspect(vfs.disk()).rows);
    }
    plan_ = vfs.plan();
    log_ = vfs.log();
  }

  [[nodiscard]] std::filesystem::path path() const { return folder_.path(); }
  [[nodiscard]] const std::vector<DiskChange>& log() const { return log_; }
  /// What the whole work asks of a disk.
  [[nodiscard]] int count(DiskOperation operation) const { return plan_.count(operation); }
  [[nodiscard]] const std::string& state(std::size_t steps) const { return states_.at(steps); }

  /// How many steps had returned after so many changes of the disk.
  [[nodiscard]] std::size_t acknowledged(std::size_t changes) const {
    return static_cast<std::size_t>(std::ranges::upper_bound(acknowledged_, changes) - acknowledged_.begin());
  }

  /// Opens the store on a copy of the disk, as the daemon would.
  [[nodiscard]] StoreFindings inspect(const SimulatedDisk& disk) const {
    SimulatedVfs vfs(disk);
    try {
      Session session(path(), vfs.name());
      session.store();
      return read(path(), vfs.name());
    } catch (const StoreError& error) {
      return {"", error.what()};
    }
  }
  /// What a second connection sees.
  [[nodiscard]] std::string read_rows_only(const char* vfs) const {
    auto database = open_plainly(path(), vfs);
    return read_rows(database, queries_);
  }
  /// Without opening it as a store.
  [[nodiscard]] StoreFindings read(const std::filesystem::path& path, const char* vfs) const {
    auto database = open_plainly(path, vfs);
    return {read_rows(database, queries_), find_damage(database)};
  }

  /// What is wrong with a store of which so many steps were acknowledged, the next one perhaps begun; empty: nothing.
  [[nodiscard]] std::string judge(const StoreFindings& found, std::size_t acknowledged) const {
    if (!found.damage.empty()) return "damaged: " + found.damage;
    const std::size_t next = std::min(acknowledged + 1, kWork.size());
    if (found.rows == state(acknowledged) || found.rows == state(next)) return "";
    for (std::size_t steps = 0; steps < acknowledged; ++steps)
      if (found.rows == state(steps)) return fmt::format("lost: as after {} of {} steps", steps, acknowledged);
    return fmt::format("half of {}, or more than that; the first differences: {} and {}", kWork[next - 1].name,
                       first_difference(found.rows, state(acknowledged)), first_difference(found.rows, state(next)));
  }

 private:
  void learn_queries(const SimulatedDisk& disk) {
    SimulatedVfs vfs(disk);
    auto database = open_plainly(path(), vfs.name());
    queries_ = queries_of_all_rows(database);
  }

  StoreFolder folder_;
  std::vector<DiskChange> log_;
  std::vector<std::size_t> acknowledged_;
  std::vector<std::string> states_;
  std::vector<std::string> queries_;
  FaultPlan plan_;
};

/// One for all tests: it never changes.
inline const StoreReference& store_reference() {
  static const StoreReference reference;
  return reference;
}

/// Findings of disks, by what processes read on them.
class InspectedDisks {
 public:
  const StoreFindings& inspect(const SimulatedDisk& disk) {
    const auto key = disk.fingerprint();
    const auto known = findings_.find(key);
    if (known != findings_.end()) return known->second;
    return findings_.emplace(key, store_reference().inspect(disk)).first->second;
  }

 private:
  std::unordered_map<std::size_t, StoreFindings> findings_;
};

/// One for all tests, which often come to the same disk.
inline const StoreFindings& inspect_disk(const SimulatedDisk& disk) {
  static InspectedDisks disks;
  return disks.inspect(disk);
}

}  // namespace ticketd
