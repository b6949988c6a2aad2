#include "daemon/app/store_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string>

#include "store/store.h"

namespace ticketd {
namespace {

std::string holder_of(int file) {
  std::array<char, 32> text{};
  const auto count = ::pread(file, text.data(), text.size() - 1, 0);
  return count > 0 ? std::string(text.data(), static_cast<std::size_t>(count)) : "unknown";
}

void write_pid(int file) {
  const auto pid = std::to_string(::getpid());
  // The pid only makes an error message better.
  if (::ftruncate(file, 0) == 0) static_cast<void>(!::pwrite(file, pid.data(), pid.size(), 0));
}

/// The file that all of the store's names lead to, be it there already or not: SQLite creates what a link points to.
std::filesystem::path resolved(std::filesystem::path store) {
  constexpr int kMostLinks = 40;  // as the kernel does
  for (int links = 0; std::filesystem::is_symlink(store); ++links) {
    if (links == kMostLinks) return store;  // whoever opens the store will tell
    store = store.parent_path() / std::filesystem::read_symlink(store);
  }
  return std::filesystem::weakly_canonical(std::filesystem::absolute(store));
}

[[noreturn]] void fail_taken(const std::filesystem::path& store, const std::string& holder) {
  throw std::runtime_error(
      fmt::format("another ticketd (process {}) works on {}: two daemons must not share a store; stop that one first",
                  holder, store.string()));
}

/// A version that took the flock(2) alone may still run, after an upgrade that could not start it again.
bool is_ticketd(const std::string& pid) {
  std::ifstream in("/proc/" + pid + "/comm");
  std::string name;
  return std::getline(in, name) && name == "ticketd";
}

struct flock whole_file(short type) {
  struct flock lock {};  // l_pid must be 0
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

std::filesystem::path beside(std::filesystem::path store) { return store += ".lock"; }

}  // namespace

/// With the mode that a Store gives to its file.
StoreLock::File::File(const std::filesystem::path& path)
    : descriptor_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW, 0660)) {
  if (descriptor_ < 0) throw StoreError(fmt::format("cannot open {}: {}", path.string(), std::strerror(errno)));
}

StoreLock::File::~File() { ::close(descriptor_); }

bool StoreLock::File::lock() { return ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0; }

StoreLock::StoreLock(const std::filesystem::path& store)
    : path_(resolved(store)), beside_(beside(path_)), database_(path_) {
  struct stat status {};
  if (::fstat(database_.descriptor(), &status) == 0 && status.st_nlink > 1)
    throw StoreError(
        fmt::format("{} has {} names (hard links): under each one SQLite would keep a write-ahead log of its own, and "
                    "the store would be damaged; leave it one name, and copy a store by its backup only",
                    store.string(), status.st_nlink));
  if (!beside_.lock()) fail_taken(store, holder_of(beside_.descriptor()));
  // The file beside it is new then: somebody has removed the one that named the process.
  if (!database_.lock()) fail_taken(store, "unknown");
  auto mark = whole_file(F_WRLCK);
  static_cast<void>(::fcntl(beside_.descriptor(), F_OFD_SETLK, &mark));  // the flock(2) is what counts
  write_pid(beside_.descriptor());
}

bool StoreLock::is_held(const std::filesystem::path& store) {
  const auto file = beside(resolved(store));
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW);
  if (descriptor < 0) return errno != ENOENT;
  auto question = whole_file(F_RDLCK);
  const bool is_free = ::fcntl(descriptor, F_OFD_GETLK, &question) == 0 && question.l_type == F_UNLCK;
  const auto holder = holder_of(descriptor);
  ::close(descriptor);
  return !is_free || is_ticketd(holder);
}

}  // namespace ticketd
