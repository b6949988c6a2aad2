#include "daemon/ctl/setup/file_set.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "daemon/ctl/draft_file.h"
#include "daemon/ctl/setup/terminal.h"
#include "parsers/printable.h"

namespace ticketd {
namespace {

bool exists(const std::string& path) {
  struct stat there {};
  return ::lstat(path.c_str(), &there) == 0;
}

/// What has the name is a file, or a link to one, so that another can take its place and it can be kept. Throws
/// CommandFailure (65).
void require_file_or_nothing(const std::string& path) {
  struct stat there {};
  if (!exists(path)) return;
  if (::stat(path.c_str(), &there) != 0)
    throw file_failure(kExitDataError, path, "a link is in its place, which can't be followed", errno);
  if (!S_ISREG(there.st_mode))
    throw CommandFailure(kExitDataError,
                         fmt::format("{}: {} is in its place", printable_line(path),
                                     S_ISDIR(there.st_mode) ? "a folder" : "something that is no file"));
}

/// And nobody may do more with it than `most`.
bool holds(const std::string& path, const std::string& octets, mode_t most) {
  struct stat there {};
  if (::stat(path.c_str(), &there) != 0 || (there.st_mode & 07777 & ~most) != 0) return false;
  std::ifstream in(path, std::ios::binary);
  return in && std::string{std::istreambuf_iterator<char>(in), {}} == octets;
}

/// A second name for what is there.
std::string keep(const std::string& path) {
  constexpr int kMost = 1000;
  for (int i = 1; i < kMost; ++i) {
    auto backup = i == 1 ? path + ".bak" : fmt::format("{}.bak{}", path, i);
    if (::link(path.c_str(), backup.c_str()) == 0) return backup;
    if (errno != EEXIST) throw file_failure(kExitTryAgain, path, "can't be kept beside itself", errno);
  }
  throw file_failure(kExitDataError, path, "there are a thousand old ones beside it already", EEXIST);
}

/// Undoes what was done, unless all of it was.
class Undo {
 public:
  Undo() = default;
  Undo(const Undo&) = delete;
  Undo& operator=(const Undo&) = delete;
  ~Undo() {
    for (auto step = written_.rbegin(); step != written_.rend(); ++step) {
      if (step->backup.empty())
        ::unlink(step->path.c_str());
      else
        static_cast<void>(std::rename(step->backup.c_str(), step->path.c_str()));
    }
    for (auto folder = folders_.rbegin(); folder != folders_.rend(); ++folder) ::rmdir(folder->c_str());
  }

  void note(FileSet::Written written) { written_.push_back(std::move(written)); }
  void note_folder(std::string path) { folders_.push_back(std::move(path)); }
  std::vector<FileSet::Written> forget() {
    folders_.clear();
    return std::exchange(written_, {});
  }

 private:
  std::vector<FileSet::Written> written_;
  std::vector<std::string> folders_;
};

void make_folder(const std::string& path, mode_t mode, Undo& undo) {
  if (path.empty() || exists(path)) return;
  constexpr mode_t kForAll = 0755;
  make_folder(std::filesystem::path(path).parent_path().string(), kForAll, undo);
  if (::mkdir(path.c_str(), mode) != 0 || ::chmod(path.c_str(), mode) != 0)
    throw file_failure(kExitNoPermission, path, "the folder can't be made", errno);
  undo.note_folder(path);
}

}  // namespace

void FileSet::add(std::string path, std::string octets, mode_t mode, std::string like) {
  files_.push_back({std::move(path), std::move(octets), mode, false, std::move(like)});
}

void FileSet::add_new(std::string path, std::string octets, mode_t mode) {
  files_.push_back({std::move(path), std::move(octets), mode, true});
}

void FileSet::add_folder(std::string path, mode_t mode) { folders_.push_back({std::move(path), mode}); }

std::vector<FileSet::Written> FileSet::write(const std::function<void()>& when_written) {
  const SignalsHeld held;
  Undo undo;
  std::vector<std::unique_ptr<DraftFile>> drafts;
  for (const auto& folder : folders_) make_folder(folder.path, folder.mode, undo);
  for (const auto& file : files_) {
    if (!file.is_new) require_file_or_nothing(file.path);
    drafts.push_back(std::make_unique<DraftFile>(file.path));
    const auto& like = exists(file.path) ? file.path : file.like;
    if (!file.is_new && exists(like))
      drafts.back()->set_access_like(like, file.mode);
    else
      drafts.back()->set_access(file.mode);
    drafts.back()->write(file.octets);
  }
  std::vector<Written> unchanged;
  for (std::size_t i = 0; i < files_.size(); ++i) {
    const auto& path = files_[i].path;
    const bool is_there = !files_[i].is_new && exists(path);
    if (is_there && holds(path, files_[i].octets, files_[i].mode)) {
      unchanged.push_back({path, "", true});
      continue;
    }
    Written written{path, is_there ? keep(path) : ""};
    try {
      drafts[i]->take_name(is_there ? Existing::replaced : Existing::kept);
    } catch (const CommandFailure& failure) {
      if (drafts[i]->has_name()) {
        undo.note(std::move(written));
        throw CommandFailure(failure.code(), fmt::format("{}; so it was undone", failure.what()));
      }
      if (!written.backup.empty()) ::unlink(written.backup.c_str());
      throw;
    }
    undo.note(std::move(written));
  }
  auto all = undo.forget();
  if (when_written) when_written();
  all.insert(all.end(), unchanged.begin(), unchanged.end());
  return all;
}

}  // namespace ticketd
