#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

namespace ticketd {

/// A folder whose files a web server hands out: written whole or not at all. While it lives, no other process writes
/// there in this way.
class PublicFolder {
 public:
  /// The folder or a file of it can't be written; says which, and why.
  struct Failure : std::runtime_error {
    using std::runtime_error::runtime_error;
  };
  /// Makes the folder where there is none (mode 0755), and locks `lock_file` (flock; mode 0600), which no web server
  /// hands out; waits for others a second at most.
  PublicFolder(const std::filesystem::path& path, const std::filesystem::path& lock_file);
  ~PublicFolder();
  PublicFolder(const PublicFolder&) = delete;
  PublicFolder& operator=(const PublicFolder&) = delete;

  /// Replaces a file (mode 0644, under any umask). It is on the disk once this has returned. What others who were
  /// killed at it have left of it goes.
  void write(std::string_view name, std::string_view octets) const;

 private:
  void clear_drafts(std::string_view name) const;

  std::filesystem::path path_;
  int lock_ = -1;
  int folder_ = -1;
};

}  // namespace ticketd
