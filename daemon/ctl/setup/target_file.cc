#include "daemon/ctl/setup/target_file.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "daemon/ctl/draft_file.h"
#include "parsers/printable.h"

namespace ticketd {
namespace {

ExitCode code_of(int error) { return error == EACCES || error == EPERM ? kExitNoPermission : kExitNoInput; }

bool has_name(const std::string& file) {
  struct stat status {};
  if (::lstat(file.c_str(), &status) == 0) return true;
  if (errno != ENOENT) throw file_failure(code_of(errno), file, "can't be looked at", errno);
  return false;
}

void require_file(const std::string& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) throw file_failure(code_of(errno), file, "the link can't be followed", errno);
  if (S_ISDIR(status.st_mode))
    throw CommandFailure(kExitUsage, fmt::format("{}: it is a folder; --config wants a file", printable_line(file)));
  if (!S_ISREG(status.st_mode))
    throw CommandFailure(kExitDataError, fmt::format("{}: it is no regular file", printable_line(file)));
}

std::string content_of(const std::string& file) {
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  if (!in) throw file_failure(code_of(errno), file, "can't be read", errno);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The folder, or, where it has to be made, the one in which that begins.
std::filesystem::path nearest(std::filesystem::path folder) {
  std::error_code error;
  while (!std::filesystem::exists(folder, error) && folder.has_relative_path()) folder = folder.parent_path();
  return folder;
}

void require_writable(const std::filesystem::path& folder) {
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error) && !error)
    throw CommandFailure(kExitDataError, fmt::format("{}: it is no folder", printable_line(folder.string())));
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    throw CommandFailure(kExitNoPermission,
                         fmt::format("{}: you may not write there{}", printable_line(folder.string()),
                                     ::geteuid() == 0 ? "" : "; run it as root"));
}

/// The new file gets the owner and the group of the old one.
bool may_give(const struct stat& status) {
  if (::geteuid() == 0) return true;
  const int count = std::max(::getgroups(0, nullptr), 0);
  std::vector<gid_t> groups(static_cast<std::size_t>(count));
  if (::getgroups(count, groups.data()) < 0) groups.clear();
  groups.push_back(::getegid());
  return status.st_uid == ::geteuid() && std::ranges::find(groups, status.st_gid) != groups.end();
}

}  // namespace

TargetFile look_at_target(const std::string& file) {
  TargetFile target{file};
  target.is_there = has_name(file);
  if (!target.is_there) return target;
  require_file(file);
  target.path = std::filesystem::canonical(file).string();
  target.content = content_of(target.path);
  return target;
}

std::string change_of(const TargetFile& seen) {
  const auto now = look_at_target(seen.path);
  if (now.is_there != seen.is_there) return now.is_there ? "was made" : "was removed";
  return now.content == seen.content ? "" : "was changed";
}

void require_rights(const TargetFile& target, const std::string& folder) {
  require_writable(nearest(std::filesystem::path(target.path).parent_path()));
  require_writable(nearest(folder));
  struct stat status {};
  if (target.is_there && ::stat(target.path.c_str(), &status) == 0 && !may_give(status))
    throw CommandFailure(kExitNoPermission,
                         fmt::format("{}: it belongs to somebody else, to whom you can't give the new one; run it as "
                                     "root",
                                     printable_line(target.path)));
}

}  // namespace ticketd
