#include "daemon/ctl/draft_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "daemon/ctl/removed_on_signal.h"
#include "parsers/printable.h"

namespace ticketd {
namespace {

/// The folder of a path, as one can open it.
std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

}  // namespace

CommandFailure file_failure(ExitCode code, const std::string& path, std::string_view what, int error) {
  return {code, fmt::format("{}: {}: {}", printable_line(path), what, std::strerror(error))};
}

DraftFile::DraftFile(const std::string& path)
    : path_(path),
      folder_(folder_of(path)),
      draft_(folder_ + "/.ticketctl-XXXXXX"),
      file_(::mkostemp(draft_.data(), O_CLOEXEC)) {
  if (file_ < 0) throw file_failure(kExitDataError, path_, "can't be created", errno);
}

DraftFile::~DraftFile() {
  if (file_ >= 0) ::close(file_);
  if (!draft_.empty()) ::unlink(draft_.c_str());
}

void DraftFile::set_access(mode_t mode) {
  if (::fchmod(file_, mode) != 0) throw file_failure(kExitTryAgain, path_, "can't be given its mode", errno);
}

void DraftFile::set_access_like(const std::string& file, mode_t most) {
  struct stat there {};
  if (::stat(file.c_str(), &there) != 0) throw file_failure(kExitTryAgain, file, "can't be looked at", errno);
  const bool is_ours = there.st_uid == ::geteuid() && there.st_gid == ::getegid();
  if (!is_ours && ::fchown(file_, there.st_uid, there.st_gid) != 0)
    throw file_failure(kExitTryAgain, path_, "can't be given its owner", errno);
  set_access(there.st_mode & most);
}

void DraftFile::write(std::string_view octets) {
  while (!octets.empty()) {
    const auto count = ::write(file_, octets.data(), octets.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) throw file_failure(kExitTryAgain, path_, "could not be written whole", count < 0 ? errno : ENOSPC);
    octets.remove_prefix(static_cast<std::size_t>(count));
  }
  finish();
}

void DraftFile::fill(const std::function<void(const std::string& draft)>& writer) {
  const RemovedOnSignal removed(draft_);
  writer(draft_);
  finish();
}

void DraftFile::finish() {
  const bool is_safe = ::fsync(file_) == 0;
  const bool is_closed = is_safe && ::close(std::exchange(file_, -1)) == 0;
  if (!is_closed) throw file_failure(kExitTryAgain, path_, "could not be written whole", errno);
}

void DraftFile::take_name(Existing existing) {
  if (rename(existing) != 0) throw file_failure(kExitDataError, path_, "can't be created", errno);
  draft_.clear();
  const int folder = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;                                       // one may write into a folder that one can't read
  const bool synced = ::fsync(folder) == 0 || errno == EINVAL;  // EINVAL: the file system has no such thing
  const int error = errno;
  ::close(folder);
  if (!synced) throw file_failure(kExitTryAgain, path_, "is there, but perhaps not safe on the disk", error);
}

int DraftFile::rename(Existing existing) {
  if (existing == Existing::replaced) return std::rename(draft_.c_str(), path_.c_str());
  const int result = ::renameat2(AT_FDCWD, draft_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE);
  if (result == 0 || (errno != EINVAL && errno != ENOSYS)) return result;
  // NFS and some others can't do that in one step, but a link can't replace anything either.
  if (::link(draft_.c_str(), path_.c_str()) != 0) return -1;
  ::unlink(draft_.c_str());
  return 0;
}

}  // namespace ticketd
