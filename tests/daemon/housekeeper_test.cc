#include "daemon/app/housekeeper.h"

#include <catch2/catch.hpp>

namespace ticketd {
namespace {

using std::chrono::milliseconds;

TEST_CASE("after a look at the desk's health nobody looks for a hundred times as long, within bounds") {
  CHECK(Housekeeper::pause_after({}) == milliseconds{1'000});
  CHECK(Housekeeper::pause_after(milliseconds{3}) == milliseconds{1'000});
  CHECK(Housekeeper::pause_after(milliseconds{15}) == milliseconds{1'500});
  CHECK(Housekeeper::pause_after(milliseconds{90}) == milliseconds{9'000});
  CHECK(Housekeeper::pause_after(std::chrono::seconds{36}) == milliseconds{10'000});  // once on a disk that stood still
}

}  // namespace
}  // namespace ticketd
