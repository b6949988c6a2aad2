#include "daemon/desk/public_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>

namespace ticketd {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, std::string_view what, int error) {
  throw PublicFolder::Failure(fmt::format("{}: {}: {}", path.string(), what, std::strerror(error)));
}

/// A file beside the one that it becomes; it goes when that does not happen.
class Draft {
 public:
  Draft(const std::filesystem::path& folder, std::string_view name)
      : path_(folder / name), draft_((folder / fmt::format(".{}-XXXXXX", name)).string()) {
    file_ = ::mkostemp(draft_.data(), O_CLOEXEC);
    if (file_ < 0) fail(path_, "can't be written", errno);
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  ~Draft() {
    if (file_ >= 0) ::close(file_);
    if (!is_named_) ::unlink(draft_.c_str());
  }

  void write(std::string_view octets) {
    while (!octets.empty()) {
      const auto count = ::write(file_, octets.data(), octets.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) fail(path_, "can't be written", count < 0 ? errno : ENOSPC);
      octets.remove_prefix(static_cast<std::size_t>(count));
    }
    constexpr mode_t kForAll = 0644;
    if (::fchmod(file_, kForAll) != 0 || ::fsync(file_) != 0) fail(path_, "can't be written", errno);
    if (::close(std::exchange(file_, -1)) != 0) fail(path_, "can't be written", errno);
  }

  void take_name() {
    if (std::rename(draft_.c_str(), path_.c_str()) != 0) fail(path_, "can't be written", errno);
    is_named_ = true;
  }

 private:
  std::filesystem::path path_;
  std::string draft_;
  int file_ = -1;
  bool is_named_ = false;
};

/// One that root makes belongs to whom the folder belongs to that it lies in, for the daemon does not run as root.
void make_folder(const std::filesystem::path& path) {
  constexpr mode_t kForAll = 0755;
  if (::mkdir(path.c_str(), kForAll) != 0) {
    if (errno != EEXIST) fail(path, "can't be made", errno);
    return;
  }
  if (::chmod(path.c_str(), kForAll) != 0) fail(path, "can't be made readable", errno);  // mkdir minds the umask
  struct stat parent {};
  if (::geteuid() != 0 || ::stat((path / "..").c_str(), &parent) != 0) return;
  if (::chown(path.c_str(), parent.st_uid, parent.st_gid) != 0) fail(path, "can't be handed over", errno);
}

bool lock(int file) {
  constexpr int kTries = 20;
  for (int i = 0; i < kTries; ++i) {
    if (::flock(file, LOCK_EX | LOCK_NB) == 0) return true;
    if (errno != EWOULDBLOCK && errno != EINTR) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  errno = EWOULDBLOCK;
  return false;
}

/// The owner's alone: whoever may only read the folder can't hold the lock. Root makes it for the daemon.
int open_lock(const std::filesystem::path& path) {
  constexpr mode_t kForOwner = 0600;
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kForOwner);
  if (file < 0) fail(path, "can't be opened", errno);
  struct stat folder {};
  if (::geteuid() == 0 && ::stat(path.parent_path().c_str(), &folder) == 0 &&
      ::fchown(file, folder.st_uid, folder.st_gid) != 0) {
    const int error = errno;
    ::close(file);
    fail(path, "can't be handed over", error);
  }
  return file;
}

int lock_or_fail(const std::filesystem::path& path) {
  const int file = open_lock(path);
  if (lock(file)) return file;
  const int error = errno;
  ::close(file);
  fail(path, "can't be locked", error);
}

/// ".index.html-XXXXXX"
bool is_draft_of(std::string_view file, std::string_view name) {
  constexpr std::size_t kRandom = 6;
  return file.size() == name.size() + kRandom + 2 && file.front() == '.' && file.substr(1, name.size()) == name &&
         file[name.size() + 1] == '-';
}

}  // namespace

PublicFolder::PublicFolder(const std::filesystem::path& path, const std::filesystem::path& lock_file) : path_(path) {
  make_folder(path);
  lock_ = lock_or_fail(lock_file);
  folder_ = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder_ >= 0) return;
  const int error = errno;
  ::close(lock_);
  fail(path, "can't be opened", error);
}

PublicFolder::~PublicFolder() {
  ::close(folder_);
  ::close(lock_);
}

void PublicFolder::clear_drafts(std::string_view name) const {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(path_, ignored))
    if (is_draft_of(entry.path().filename().string(), name)) std::filesystem::remove(entry.path(), ignored);
}

void PublicFolder::write(std::string_view name, std::string_view octets) const {
  clear_drafts(name);
  Draft draft(path_, name);
  draft.write(octets);
  draft.take_name();
  if (::fsync(folder_) != 0 && errno != EINVAL)  // EINVAL: the file system has no such thing
    fail(path_ / name, "is there, but perhaps not safe on the disk", errno);
}

}  // namespace ticketd
