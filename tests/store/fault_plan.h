#pragma once

#include <sqlite3.h>

#include <array>
#include <cstddef>

namespace ticketd {

/// What SQLite asks of a disk.
enum class DiskOperation { open, read, write, sync, truncate, remove, size, access, lock, map_memory };
inline constexpr std::size_t kDiskOperations = 10;

/// The nth operation of one kind fails, alone or with all that follow it.
struct Fault {
  const char* name = "";
  DiskOperation operation = DiskOperation::write;
  int code = SQLITE_OK;
};

inline constexpr std::array kFaults{Fault{"write error", DiskOperation::write, SQLITE_IOERR_WRITE},
                                    Fault{"full disk", DiskOperation::write, SQLITE_FULL},
                                    Fault{"sync error", DiskOperation::sync, SQLITE_IOERR_FSYNC},
                                    Fault{"truncation error", DiskOperation::truncate, SQLITE_IOERR_TRUNCATE},
                                    Fault{"deletion error", DiskOperation::remove, SQLITE_IOERR_DELETE},
                                    Fault{"read error", DiskOperation::read, SQLITE_IOERR_READ},
                                    Fault{"no file handle", DiskOperation::open, SQLITE_CANTOPEN},
                                    Fault{"size error", DiskOperation::size, SQLITE_IOERR_FSTAT},
                                    Fault{"access error", DiskOperation::access, SQLITE_IOERR_ACCESS},
                                    Fault{"lock error", DiskOperation::lock, SQLITE_IOERR_LOCK},
                                    Fault{"no shared memory", DiskOperation::map_memory, SQLITE_IOERR_SHMSIZE}};

/// Counts operations, and makes those of the plan fail.
class FaultPlan {
 public:
  FaultPlan() = default;
  FaultPlan(const Fault& fault, int nth, bool for_ever) : fault_(fault), nth_(nth), for_ever_(for_ever) {}

  /// SQLITE_OK to go on.
  int step(DiskOperation operation) {
    const int count = ++counts_[static_cast<std::size_t>(operation)];
    if (nth_ == 0 || operation != fault_.operation) return SQLITE_OK;
    if (for_ever_ ? count < nth_ : count != nth_) return SQLITE_OK;
    ++injected_;
    return fault_.code;
  }
  [[nodiscard]] int count(DiskOperation operation) const { return counts_[static_cast<std::size_t>(operation)]; }
  [[nodiscard]] int injected() const { return injected_; }

 private:
  Fault fault_;
  int nth_ = 0;  ///< counts from 1; 0: never
  bool for_ever_ = false;
  int injected_ = 0;
  std::array<int, kDiskOperations> counts_{};
};

}  // namespace ticketd
