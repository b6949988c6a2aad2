#include "daemon/ctl/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "daemon/ctl/commands.h"
#include "parsers/printable.h"

namespace ticketd {
namespace {

[[noreturn]] void fail(ExitCode code, const std::string& path, std::string_view what, int error) {
  throw CommandFailure(code, fmt::format("{}: {}: {}", printable_line(path), what, std::strerror(error)));
}

/// The folder of a path, as one can open it.
std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

/// A file beside the one that it becomes, so that it can be renamed; it goes when that does not happen.
class DraftFile {
 public:
  explicit DraftFile(const std::string& path)
      : path_(path),
        folder_(folder_of(path)),
        draft_(folder_ + "/.ticketctl-XXXXXX"),
        file_(::mkostemp(draft_.data(), O_CLOEXEC)) {
    if (file_ < 0) fail(kExitDataError, path_, "can't be created", errno);
  }
  DraftFile(const DraftFile&) = delete;
  DraftFile& operator=(const DraftFile&) = delete;
  ~DraftFile() {
    if (file_ >= 0) ::close(file_);
    if (!draft_.empty()) ::unlink(draft_.c_str());
  }

  void write(std::string_view octets) {
    while (!octets.empty()) {
      const auto count = ::write(file_, octets.data(), octets.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) fail(kExitTryAgain, path_, "could not be written whole", count < 0 ? errno : ENOSPC);
      octets.remove_prefix(static_cast<std::size_t>(count));
    }
    finish();
  }

  void fill(const std::function<void(const std::string& draft)>& writer) {
    writer(draft_);
    finish();
  }

  void finish() {
    if (::fsync(file_) != 0) fail(kExitTryAgain, path_, "could not be written whole", errno);
    if (::close(std::exchange(file_, -1)) != 0) fail(kExitTryAgain, path_, "could not be written whole", errno);
  }

  void take_name(Existing existing) {
    if (rename(existing) != 0) fail(kExitDataError, path_, "can't be created", errno);
    draft_.clear();
    const int folder = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return;                                       // one may write into a folder that one can't read
    const bool synced = ::fsync(folder) == 0 || errno == EINVAL;  // EINVAL: the file system has no such thing
    const int error = errno;
    ::close(folder);
    if (!synced) fail(kExitTryAgain, path_, "is there, but perhaps not safe on the disk", error);
  }

 private:
  int rename(Existing existing) {
    if (existing == Existing::replaced) return std::rename(draft_.c_str(), path_.c_str());
    const int result = ::renameat2(AT_FDCWD, draft_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE);
    if (result == 0 || (errno != EINVAL && errno != ENOSYS)) return result;
    // NFS and some others can't do that in one step, but a link can't replace anything either.
    if (::link(draft_.c_str(), path_.c_str()) != 0) return -1;
    ::unlink(draft_.c_str());
    return 0;
  }

  std::string path_;
  std::string folder_;
  std::string draft_;
  int file_;
};

void require_name(const std::string& path, Existing existing) {
  struct stat there {};
  if (::lstat(path.c_str(), &there) != 0) return;
  if (existing == Existing::kept) fail(kExitDataError, path, "can't be created", EEXIST);
  // A name in /dev, or a link, is not ours to replace.
  if (!S_ISREG(there.st_mode)) fail(kExitDataError, path, "is no file that can be replaced", EEXIST);
}

}  // namespace

void write_file(const std::string& path, std::string_view octets, Existing existing) {
  require_name(path, existing);
  DraftFile draft(path);
  draft.write(octets);
  draft.take_name(existing);
}

void write_file_by(const std::string& path, Existing existing,
                   const std::function<void(const std::string& draft)>& fill) {
  require_name(path, existing);
  DraftFile draft(path);
  draft.fill(fill);
  draft.take_name(existing);
}

}  // namespace ticketd
