#pragma once

#include <filesystem>

namespace ticketd {

/// Keeps a second daemon off the same store: an exclusive flock(2) on "STORE.lock", held until destruction (or the
/// process's death). STORE is the file itself, whatever symbolic links lead to it. Throws std::runtime_error when
/// another process has it, naming its pid.
class StoreLock {
 public:
  explicit StoreLock(const std::filesystem::path& store);
  ~StoreLock();
  StoreLock(const StoreLock&) = delete;
  StoreLock& operator=(const StoreLock&) = delete;

 private:
  int file_ = -1;
};

}  // namespace ticketd
