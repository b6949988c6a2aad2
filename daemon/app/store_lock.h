#pragma once

#include <filesystem>

namespace ticketd {

/// Keeps a second daemon off the same store: exclusive flock(2)s on the database file, which is created when it is not
/// there, and on "STORE.lock" beside it, held until destruction (or the process's death). Either one keeps a second
/// daemon away when somebody has removed the other file. STORE is the file itself, whatever symbolic links lead to it.
/// Throws std::runtime_error when another process has one of them, with its pid where that is known; StoreError when
/// the database file has a second name (a hard link), for SQLite would keep another write-ahead log beside that one, or
/// when a file can't be opened.
///
/// Must outlive every Store of this process: a file's fcntl(2) locks, which are SQLite's, go as soon as the process
/// closes any descriptor of it. flock(2)s go with their own descriptor alone, and the two kinds don't meet. Nobody can
/// ask for an flock(2) but by trying; for `is_held`, "STORE.lock" has an open file description lock (fcntl(2)) as well.
class StoreLock {
 public:
  explicit StoreLock(const std::filesystem::path& store);
  /// Whether some process has the lock of that store, asked without being in the way of one that takes it. Where it
  /// can't be told (no right to read "STORE.lock"), it is said to be held.
  [[nodiscard]] static bool is_held(const std::filesystem::path& store);

 private:
  /// A file with an flock(2), closed at the end.
  class File {
   public:
    explicit File(const std::filesystem::path& path);
    ~File();
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    /// False when another process has it.
    [[nodiscard]] bool lock();
    [[nodiscard]] int descriptor() const { return descriptor_; }

   private:
    int descriptor_;
  };

  std::filesystem::path path_;
  File beside_;
  File database_;
};

}  // namespace ticketd
