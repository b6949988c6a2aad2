#include "daemon/ctl/setup/file_set.h"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>

#include "daemon/ctl/session.h"
#include "daemon/ctl/setup/terminal.h"
#include "tests/daemon/config/scratch_folder.h"

namespace {

/// Folders can't be brought to the disk; so many can before.
std::optional<int> syncs_left;

}  // namespace

/// In front of the C library's: a disk that fails at a folder.
extern "C" int fsync(int descriptor) {
  struct stat status {};
  const bool is_folder = ::fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode);
  if (!is_folder || !syncs_left || (*syncs_left)-- > 0) return static_cast<int>(::syscall(SYS_fsync, descriptor));
  errno = EIO;
  return -1;
}

namespace ticketd {
namespace {

std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string failure_of(FileSet& files) {
  try {
    static_cast<void>(files.write());
  } catch (const CommandFailure& failure) {
    return failure.what();
  }
  return "";
}

TEST_CASE("files that are written together: a folder that does not reach the disk takes all back") {
  for (const int good : {0, 1, 2}) {
    INFO(good << " files reach it");
    const ScratchFolder folder;
    folder.write("a", "old a");
    folder.write("c", "old c");
    FileSet files;
    for (const char* name : {"a", "b", "c"}) files.add((folder.path() / name).string(), "new", 0644);
    syncs_left = good;
    const auto failure = failure_of(files);
    syncs_left.reset();
    CHECK(failure.find("so it was undone") != std::string::npos);
    CHECK(content_of(folder.path() / "a") == "old a");
    CHECK(content_of(folder.path() / "c") == "old c");
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 2);
  }
}

/// What a process tells that is interrupted as soon as all is written; and what it ends of.
std::string told_when_interrupted(const std::string& file, int& signal) {
  int ends[2] = {-1, -1};
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], STDERR_FILENO);
    std::optional<InterruptNotice> notice(std::in_place);
    FileSet files;
    files.add(file, "new", 0644);
    static_cast<void>(files.write([&notice] {
      ::raise(SIGTERM);
      notice.reset();
    }));
    std::_Exit(0);
  }
  ::close(ends[1]);
  std::string told(100, '\0');
  told.resize(static_cast<std::size_t>(std::max<ssize_t>(::read(ends[0], told.data(), told.size()), 0)));
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  return told;
}

TEST_CASE("files that are written together: one is for those whom another one is for") {
  const ScratchFolder folder;
  folder.write("a", "old");
  const auto path = (folder.path() / "a").string();
  REQUIRE(::chmod(path.c_str(), 0640) == 0);
  FileSet files;
  files.add(path + ".new", "new", 0644, path);
  files.add(path + ".other", "new", 0644, path + ".gone");
  CHECK(failure_of(files) == "");
  struct stat status {};
  REQUIRE(::stat((path + ".new").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0640);
  REQUIRE(::stat((path + ".other").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0644);
}

TEST_CASE("files that are written together: what is no file is told, and nothing is written") {
  const ScratchFolder folder;
  std::filesystem::create_directory(folder.path() / "folder");
  std::filesystem::create_symlink("nowhere", folder.path() / "link");
  REQUIRE(::mkfifo((folder.path() / "fifo").c_str(), 0600) == 0);
  struct Case {
    const char* name;
    const char* words;
  };
  const Case cases[] = {{"folder", "folder: a folder is in its place"},
                        {"link", "link: a link is in its place, which can't be followed: No such file"},
                        {"fifo", "fifo: something that is no file is in its place"}};
  for (const auto& c : cases) {
    INFO(c.name);
    FileSet files;
    files.add((folder.path() / "other").string(), "new", 0644);
    files.add((folder.path() / c.name).string(), "new", 0644);
    try {
      static_cast<void>(files.write());
      FAIL("it was written");
    } catch (const CommandFailure& failure) {
      CHECK(failure.code() == kExitDataError);
      CHECK_THAT(failure.what(), Catch::Contains(c.words));
    }
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 3);
  }
}

TEST_CASE("files that are written together: nobody says that nothing was written once all is") {
  const ScratchFolder folder;
  const auto file = folder.path() / "a";
  int signal = 0;
  CHECK(told_when_interrupted(file.string(), signal).empty());
  CHECK(signal == SIGTERM);
  CHECK(content_of(file) == "new");
}

}  // namespace
}  // namespace ticketd
