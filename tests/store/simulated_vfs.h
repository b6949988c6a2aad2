#pragma once

#include <sqlite3.h>

#include <cstring>
#include <map>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "tests/store/fault_plan.h"
#include "tests/store/simulated_disk.h"
#include "tests/store/simulated_locks.h"

namespace ticketd {

/// A VFS of SQLite over a SimulatedDisk, registered for its lifetime. It logs every change of the disk, so that a run
/// can be looked at as it stood after each of them. One thread.
class SimulatedVfs {
 public:
  explicit SimulatedVfs(SimulatedDisk disk, FaultPlan plan = FaultPlan())
      : disk_(std::move(disk)),
        plan_(plan),
        name_("simulated-" + std::to_string(reinterpret_cast<std::uintptr_t>(this))),
        vfs_(*sqlite3_vfs_find(nullptr)) {
    vfs_.zName = name_.c_str();
    vfs_.pNext = nullptr;
    vfs_.pAppData = this;
    vfs_.szOsFile = static_cast<int>(sizeof(Handle));
    vfs_.xOpen = open;
    vfs_.xDelete = remove;
    vfs_.xAccess = access;
    sqlite3_vfs_register(&vfs_, 0);
  }
  ~SimulatedVfs() { sqlite3_vfs_unregister(&vfs_); }
  SimulatedVfs(const SimulatedVfs&) = delete;
  SimulatedVfs& operator=(const SimulatedVfs&) = delete;

  [[nodiscard]] const char* name() const { return name_.c_str(); }
  [[nodiscard]] const SimulatedDisk& disk() const { return disk_; }
  [[nodiscard]] const std::vector<DiskChange>& log() const { return log_; }
  FaultPlan& plan() { return plan_; }

 private:
  struct Handle {
    sqlite3_file base;
    SimulatedVfs* vfs;
    std::string file;
    int flags;
    bool synced;
    int lock;
    bool attached;
    unsigned shared;
    unsigned exclusive;
  };
  static Handle& handle(sqlite3_file* file) { return *reinterpret_cast<Handle*>(file); }
  static SimulatedVfs& self(sqlite3_vfs* vfs) { return *static_cast<SimulatedVfs*>(vfs->pAppData); }
  static SimulatedVfs& self(sqlite3_file* file) { return *handle(file).vfs; }
  SimulatedLocks& locks(sqlite3_file* file) { return locks_[handle(file).file]; }
  static const std::string& content(sqlite3_file* file) { return self(file).disk_.content(handle(file).file); }

  void change(DiskChange one) {
    disk_.apply(one);
    log_.push_back(std::move(one));
  }
  static DiskChange change_of(sqlite3_file* file, DiskChange::Kind kind, std::size_t offset = 0) {
    return {kind, handle(file).file, offset, {}, false};
  }

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
    auto& own = self(vfs);
    file->pMethods = nullptr;
    if (const int code = own.plan_.step(DiskOperation::open)) return code;
    const std::string path = name != nullptr ? name : "temporary-" + std::to_string(++own.temporary_files_);
    if (!own.disk_.has(path)) {
      if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
      own.change({DiskChange::Kind::create, path, 0, {}, false});
    }
    new (file) Handle{{&methods()}, &own, path, flags, false, SQLITE_LOCK_NONE, false, 0, 0};
    if (out != nullptr) *out = flags;
    return SQLITE_OK;
  }
  static int close(sqlite3_file* file) {
    auto& h = handle(file);
    unmap_memory(file, 0);
    h.vfs->locks(file).unlock(h.lock, SQLITE_LOCK_NONE);
    if ((h.flags & SQLITE_OPEN_DELETEONCLOSE) != 0) h.vfs->change(change_of(file, DiskChange::Kind::remove));
    h.~Handle();
    return SQLITE_OK;
  }
  static int remove(sqlite3_vfs* vfs, const char* name, int sync_directory) {
    auto& own = self(vfs);
    if (const int code = own.plan_.step(DiskOperation::remove)) return code;
    if (!own.disk_.has(name)) return SQLITE_IOERR_DELETE_NOENT;
    own.change({DiskChange::Kind::remove, name, 0, {}, sync_directory != 0});
    return SQLITE_OK;
  }
  /// As SQLite's own: an empty file is no file.
  static int access(sqlite3_vfs* vfs, const char* name, int, int* result) {
    auto& own = self(vfs);
    if (const int code = own.plan_.step(DiskOperation::access)) return code;
    *result = own.disk_.has(name) && !own.disk_.content(name).empty() ? 1 : 0;
    return SQLITE_OK;
  }

  static int read(sqlite3_file* file, void* octets, int size, sqlite3_int64 offset) {
    if (const int code = self(file).plan_.step(DiskOperation::read)) return code;
    const auto& all = content(file);
    const auto from = std::min(all.size(), static_cast<std::size_t>(offset));
    const auto count = std::min(all.size() - from, static_cast<std::size_t>(size));
    std::memcpy(octets, all.data() + from, count);
    std::memset(static_cast<char*>(octets) + count, 0, static_cast<std::size_t>(size) - count);
    return count == static_cast<std::size_t>(size) ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
  }
  /// Half of what was to be written has arrived when it fails.
  static int write(sqlite3_file* file, const void* octets, int size, sqlite3_int64 offset) {
    const int code = self(file).plan_.step(DiskOperation::write);
    auto one = change_of(file, DiskChange::Kind::write, static_cast<std::size_t>(offset));
    one.octets.assign(static_cast<const char*>(octets), static_cast<std::size_t>(code == SQLITE_OK ? size : size / 2));
    self(file).change(std::move(one));
    return code;
  }
  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    if (const int code = self(file).plan_.step(DiskOperation::truncate)) return code;
    self(file).change(change_of(file, DiskChange::Kind::truncate, static_cast<std::size_t>(size)));
    return SQLITE_OK;
  }
  /// As SQLite's own: the first one of a journal or WAL brings the folder's entries to the disk too.
  static int sync(sqlite3_file* file, int) {
    const int code = self(file).plan_.step(DiskOperation::sync);
    auto one = change_of(file, code == SQLITE_OK ? DiskChange::Kind::sync : DiskChange::Kind::failed_sync);
    auto& h = handle(file);
    one.directory = code == SQLITE_OK && !h.synced && (h.flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
    h.synced = h.synced || code == SQLITE_OK;
    self(file).change(std::move(one));
    return code;
  }
  static int size(sqlite3_file* file, sqlite3_int64* result) {
    if (const int code = self(file).plan_.step(DiskOperation::size)) return code;
    *result = static_cast<sqlite3_int64>(content(file).size());
    return SQLITE_OK;
  }

  static int lock(sqlite3_file* file, int wanted) {
    if (const int code = self(file).plan_.step(DiskOperation::lock)) return code;
    return self(file).locks(file).lock(file, handle(file).lock, wanted);
  }
  static int unlock(sqlite3_file* file, int wanted) {
    self(file).locks(file).unlock(handle(file).lock, wanted);
    return SQLITE_OK;
  }
  static int check_reserved(sqlite3_file* file, int* result) {
    *result = self(file).locks(file).is_reserved() ? 1 : 0;
    return SQLITE_OK;
  }
  static int map_memory(sqlite3_file* file, int index, int size, int extend, volatile void** result) {
    *result = nullptr;
    if (const int code = self(file).plan_.step(DiskOperation::map_memory)) return code;
    auto& h = handle(file);
    if (!std::exchange(h.attached, true)) self(file).locks(file).attach();
    *result = self(file).locks(file).region(static_cast<std::size_t>(index), static_cast<std::size_t>(size), extend);
    return SQLITE_OK;
  }
  static int lock_memory(sqlite3_file* file, int first, int count, int flags) {
    auto& h = handle(file);
    if ((flags & SQLITE_SHM_LOCK) != 0)
      if (const int code = self(file).plan_.step(DiskOperation::lock)) return code;
    const unsigned mask = ((1U << static_cast<unsigned>(count)) - 1) << static_cast<unsigned>(first);
    return self(file).locks(file).lock_shared_memory(h.shared, h.exclusive, mask, flags);
  }
  static void barrier(sqlite3_file*) {}
  static int unmap_memory(sqlite3_file* file, int) {
    if (std::exchange(handle(file).attached, false)) self(file).locks(file).detach();
    return SQLITE_OK;
  }
  static int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
  static int sector_size(sqlite3_file*) { return 4096; }
  static int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

  static const sqlite3_io_methods& methods() {
    static constexpr sqlite3_io_methods table{2,
                                              close,
                                              read,
                                              write,
                                              truncate,
                                              sync,
                                              size,
                                              lock,
                                              unlock,
                                              check_reserved,
                                              control,
                                              sector_size,
                                              characteristics,
                                              map_memory,
                                              lock_memory,
                                              barrier,
                                              unmap_memory,
                                              nullptr,
                                              nullptr};
    return table;
  }

  SimulatedDisk disk_;
  FaultPlan plan_;
  std::vector<DiskChange> log_;
  std::map<std::string, SimulatedLocks> locks_;
  int temporary_files_ = 0;
  std::string name_;
  sqlite3_vfs vfs_;
};

}  // namespace ticketd
