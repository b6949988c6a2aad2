#include "daemon/app/store_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string>
#include <system_error>

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

}  // namespace

StoreLock::StoreLock(const std::filesystem::path& store) {
  const auto path = resolved(store).string() + ".lock";
  file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);
  if (file_ < 0) throw std::system_error(errno, std::generic_category(), path);
  if (::flock(file_, LOCK_EX | LOCK_NB) == 0) {
    write_pid(file_);
    return;
  }
  const auto holder = holder_of(file_);
  ::close(file_);
  throw std::runtime_error(
      fmt::format("another ticketd (process {}) works on {}: two daemons must not share a store; stop that one first",
                  holder, store.string()));
}

StoreLock::~StoreLock() { ::close(file_); }

}  // namespace ticketd
