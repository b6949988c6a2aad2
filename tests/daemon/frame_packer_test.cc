#include "daemon/desk/frame_packer.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "tests/store/store_fixture.h"

namespace ticketd {
namespace {

TEST_CASE("frames come packed, in the order in which they were added") {
  FramePacker packer(nullptr);
  for (std::int64_t i = 0; i < 300; ++i) packer.add({i, std::string(static_cast<std::size_t>(i), 'x')});
  const auto frames = packer.finish();
  REQUIRE(frames.size() == 300);
  Compressor compressor;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    CHECK(frames[i].outbox == static_cast<std::int64_t>(i));
    CHECK(compressor.decompress(frames[i].octets) == std::string(i, 'x'));
  }
}

TEST_CASE("a packer may be given up, or have nothing to do") {
  {
    FramePacker given_up(nullptr);
    for (std::int64_t i = 0; i < 100; ++i) given_up.add({i, "x"});
  }
  FramePacker idle(nullptr);
  CHECK(idle.finish().empty());
}

TEST_CASE("a mail whose answer ends the process is known by it") {
  StoreFolder folder;
  const auto file = folder.path().string() + ".reading";
  const pid_t child = ::fork();
  if (child == 0) {
    DeathMark mark(file);
    FramePacker packer(&mark);
    packer.add({1, "", [] { return std::string("x"); }, "support/7/1"});
    packer.add({2, "", []() -> std::string { ::_exit(9); }, "support/7/2"});
    packer.add({3, "", [] { return std::string("x"); }, "support/7/3"});
    static_cast<void>(packer.finish());
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(WEXITSTATUS(status) == 9);
  const DeathMark mark(file);
  CHECK(mark.deaths("support/7/1") == 0);
  CHECK(mark.deaths("support/7/2") == 1);
  CHECK(mark.deaths("support/7/3") == 0);
}

}  // namespace
}  // namespace ticketd
