#pragma once

#include <signal.h>
#include <sqlite3.h>
#include <unistd.h>

#include <array>
#include <cstring>

namespace ticketd {

/// What happens at the nth write, sync, truncation or deletion on disk.
struct FaultPlan {
  enum class Kind { kill, io_error, full };
  Kind kind = Kind::kill;
  int nth = 0;             ///< counts from 1; 0: never
  int count = 0;           ///< operations so far
  bool persistent = true;  ///< later ones fail too

  /// SQLITE_OK to go on. Never returns at a kill.
  int step() {
    ++count;
    const bool hit = nth != 0 && (count == nth || (persistent && count > nth));
    if (!hit) return SQLITE_OK;
    if (kind == Kind::kill) ::kill(::getpid(), SIGKILL);
    return kind == Kind::full ? SQLITE_FULL : SQLITE_IOERR_WRITE;
  }
};

/// A VFS over the default one that follows a plan; registered for its lifetime as "fault".
class FaultVfs {
 public:
  explicit FaultVfs(FaultPlan& plan) : real_(sqlite3_vfs_find(nullptr)), vfs_(*real_) {
    shared() = {&plan, real_};
    vfs_.zName = "fault";
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
    vfs_.xOpen = open;
    vfs_.xDelete = remove;
    sqlite3_vfs_register(&vfs_, 0);
  }
  ~FaultVfs() { sqlite3_vfs_unregister(&vfs_); }
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

 private:
  /// The real file lies behind it in memory.
  struct File {
    sqlite3_file base;
    sqlite3_io_methods methods;
    FaultPlan* plan;
  };
  struct Shared {
    FaultPlan* plan = nullptr;
    sqlite3_vfs* real = nullptr;
  };
  // SQLite's callbacks for a VFS's own open files get no user pointer of ours: pAppData belongs to the real VFS.
  static Shared& shared() {
    static Shared value;
    return value;
  }
  static sqlite3_file* real(sqlite3_file* file) {
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + sizeof(File));
  }
  static FaultPlan& plan(sqlite3_file* file) { return *reinterpret_cast<File*>(file)->plan; }

  static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
    auto* own = reinterpret_cast<File*>(file);
    own->base.pMethods = nullptr;
    own->plan = shared().plan;
    const int code = shared().real->xOpen(shared().real, name, real(file), flags, out);
    if (real(file)->pMethods == nullptr) return code;
    fill(own->methods);
    own->base.pMethods = &own->methods;
    return code;
  }
  static int remove(sqlite3_vfs*, const char* name, int sync) {
    const int code = shared().plan->step();
    return code != SQLITE_OK ? code : shared().real->xDelete(shared().real, name, sync);
  }
  /// Half of what was to be written is on disk when it fails.
  static int write(sqlite3_file* file, const void* octets, int size, sqlite3_int64 offset) {
    const auto& p = plan(file);
    if (p.nth != 0 && p.count + 1 == p.nth) real(file)->pMethods->xWrite(real(file), octets, size / 2, offset);
    const int code = plan(file).step();
    return code != SQLITE_OK ? code : real(file)->pMethods->xWrite(real(file), octets, size, offset);
  }
  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    const int code = plan(file).step();
    return code != SQLITE_OK ? code : real(file)->pMethods->xTruncate(real(file), size);
  }
  static int sync(sqlite3_file* file, int flags) {
    const int code = plan(file).step();
    return code != SQLITE_OK ? code : real(file)->pMethods->xSync(real(file), flags);
  }
  template <auto Member, class... Arguments>
  static int pass(sqlite3_file* file, Arguments... arguments) {
    return (real(file)->pMethods->*Member)(real(file), arguments...);
  }
  static void barrier(sqlite3_file* file) { real(file)->pMethods->xShmBarrier(real(file)); }

  static void fill(sqlite3_io_methods& m) {
    using M = sqlite3_io_methods;
    m = {};
    m.iVersion = 2;
    m.xWrite = write;
    m.xTruncate = truncate;
    m.xSync = sync;
    m.xClose = pass<&M::xClose>;
    m.xRead = pass<&M::xRead, void*, int, sqlite3_int64>;
    m.xFileSize = pass<&M::xFileSize, sqlite3_int64*>;
    m.xLock = pass<&M::xLock, int>;
    m.xUnlock = pass<&M::xUnlock, int>;
    m.xCheckReservedLock = pass<&M::xCheckReservedLock, int*>;
    m.xFileControl = pass<&M::xFileControl, int, void*>;
    m.xSectorSize = pass<&M::xSectorSize>;
    m.xDeviceCharacteristics = pass<&M::xDeviceCharacteristics>;
    m.xShmMap = pass<&M::xShmMap, int, int, int, void volatile**>;
    m.xShmLock = pass<&M::xShmLock, int, int, int>;
    m.xShmUnmap = pass<&M::xShmUnmap, int>;
    m.xShmBarrier = barrier;
  }

  sqlite3_vfs* real_;
  sqlite3_vfs vfs_;
};

}  // namespace ticketd
