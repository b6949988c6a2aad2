#include "daemon/desk/frame_packer.h"

#include <catch2/catch.hpp>

namespace ticketd {
namespace {

TEST_CASE("frames come packed, in the order in which they were added") {
  FramePacker packer;
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
    FramePacker given_up;
    for (std::int64_t i = 0; i < 100; ++i) given_up.add({i, "x"});
  }
  FramePacker idle;
  CHECK(idle.finish().empty());
}

}  // namespace
}  // namespace ticketd
