#pragma once

#include <sqlite3.h>

#include <array>
#include <memory>
#include <vector>

namespace ticketd {

/// The locks on one database file, and the shared memory of its WAL, of all connections of one process.
/// See "Locking" in SQLite's os.h and "WAL-mode file format" §2.3.
class SimulatedLocks {
 public:
  int lock(const void* who, int& held, int wanted) {
    if (held >= wanted) return SQLITE_OK;
    if (wanted == SQLITE_LOCK_SHARED) {
      if (writer_ != nullptr && pending_) return SQLITE_BUSY;
      ++readers_;
    } else {
      if (writer_ != nullptr && writer_ != who) return SQLITE_BUSY;
      writer_ = who;
      pending_ = pending_ || wanted == SQLITE_LOCK_EXCLUSIVE;
      if (wanted == SQLITE_LOCK_EXCLUSIVE && readers_ > 1) {
        held = SQLITE_LOCK_PENDING;
        return SQLITE_BUSY;
      }
    }
    held = wanted;
    return SQLITE_OK;
  }
  void unlock(int& held, int wanted) {
    if (held > SQLITE_LOCK_SHARED) {
      writer_ = nullptr;
      pending_ = false;
    }
    if (held >= SQLITE_LOCK_SHARED && wanted == SQLITE_LOCK_NONE) --readers_;
    held = wanted;
  }
  [[nodiscard]] bool is_reserved() const { return writer_ != nullptr; }

  /// `held`: the slots that the caller has, as bits; those of `mask` are locked or unlocked.
  int lock_shared_memory(unsigned& shared, unsigned& exclusive, unsigned mask, int flags) {
    const bool unlocks = (flags & SQLITE_SHM_UNLOCK) != 0;
    const bool alone = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
    if (!unlocks && !is_free(mask & ~(shared | exclusive), alone)) return SQLITE_BUSY;
    unsigned& held = alone ? exclusive : shared;
    for (unsigned slot = 0; slot < SQLITE_SHM_NLOCK; ++slot) {
      const unsigned bit = 1U << slot;
      if ((mask & bit) == 0 || ((held & bit) != 0) == !unlocks) continue;
      (alone ? exclusive_ : shared_)[slot] += unlocks ? -1 : 1;
      held ^= bit;
    }
    return SQLITE_OK;
  }
  /// nullptr when the region is not there and not to be made.
  volatile void* region(std::size_t index, std::size_t size, bool extend) {
    while (extend && regions_.size() <= index) regions_.push_back(std::make_unique<char[]>(size));
    return index < regions_.size() ? regions_[index].get() : nullptr;
  }
  void attach() { ++attached_; }
  void detach() {
    if (--attached_ == 0) regions_.clear();
  }

 private:
  [[nodiscard]] bool is_free(unsigned mask, bool alone) const {
    for (unsigned slot = 0; slot < SQLITE_SHM_NLOCK; ++slot)
      if ((mask & 1U << slot) != 0 && (exclusive_[slot] > 0 || (alone && shared_[slot] > 0))) return false;
    return true;
  }

  int readers_ = 0;
  const void* writer_ = nullptr;  ///< has RESERVED or more
  bool pending_ = false;
  std::array<int, SQLITE_SHM_NLOCK> shared_{};
  std::array<int, SQLITE_SHM_NLOCK> exclusive_{};
  std::vector<std::unique_ptr<char[]>> regions_;
  int attached_ = 0;
};

}  // namespace ticketd
