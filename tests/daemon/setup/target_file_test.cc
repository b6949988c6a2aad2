#include "daemon/ctl/setup/target_file.h"

#include <sys/stat.h>
#include <catch2/catch.hpp>

#include "daemon/ctl/session.h"
#include "tests/daemon/config/scratch_folder.h"

namespace ticketd {
namespace {

TEST_CASE("the file that setup writes: what is none is refused before anything is asked") {
  const ScratchFolder folder;
  folder.write("file", "x");
  std::filesystem::create_directory(folder.path() / "folder");
  std::filesystem::create_symlink("nowhere", folder.path() / "link");
  REQUIRE(::mkfifo((folder.path() / "fifo").c_str(), 0600) == 0);
  struct Case {
    const char* name;
    ExitCode code;
    const char* words;
  };
  const Case cases[] = {{"folder", kExitUsage, "it is a folder"},
                        {"fifo", kExitDataError, "it is no regular file"},
                        {"link", kExitNoInput, "the link can't be followed: No such file"},
                        {"file/x", kExitNoInput, "can't be looked at: Not a directory"}};
  for (const auto& c : cases) {
    INFO(c.name);
    try {
      static_cast<void>(look_at_target((folder.path() / c.name).string()));
      FAIL("it was taken");
    } catch (const CommandFailure& failure) {
      CHECK(failure.code() == c.code);
      CHECK_THAT(failure.what(), Catch::Contains(c.words));
    }
  }
}

TEST_CASE("the file that setup writes: behind a link it is the one that the link leads to") {
  const ScratchFolder folder;
  folder.write("there/real.toml", "x");
  std::filesystem::create_symlink("there/real.toml", folder.path() / "ticketd.toml");
  const auto target = look_at_target((folder.path() / "ticketd.toml").string());
  CHECK(target.is_there);
  CHECK(target.content == "x");
  CHECK(target.path == std::filesystem::canonical(folder.path() / "there" / "real.toml"));
}

TEST_CASE("the file that setup writes: whoever changes it meanwhile is noticed") {
  const ScratchFolder folder;
  const auto file = folder.path() / "ticketd.toml";
  const auto none = look_at_target(file.string());
  CHECK_FALSE(none.is_there);
  CHECK(change_of(none) == "");
  folder.write("ticketd.toml", "");
  CHECK(change_of(none) == "was made");
  const auto empty = look_at_target(file.string());
  CHECK(change_of(empty) == "");
  folder.write("ticketd.toml", "x");
  CHECK(change_of(empty) == "was changed");
  std::filesystem::remove(file);
  CHECK(change_of(empty) == "was removed");
}

}  // namespace
}  // namespace ticketd
