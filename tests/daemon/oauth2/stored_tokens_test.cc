#include "daemon/oauth2/stored_tokens.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>

#include "tests/daemon/config/scratch_folder.h"

namespace ticketd {
namespace {

/// Tokens in a store of its own, that does not wait for a lock.
struct StoredRig {
  std::optional<std::string> load(RefreshToken chain) {
    auto latest = boost::asio::co_spawn(io, tokens.load(std::move(chain)), boost::asio::use_future);
    io.restart();
    io.run();
    return latest.get();
  }
  static Store::Options impatient() {
    Store::Options options;
    options.busy_timeout = std::chrono::milliseconds{0};
    return options;
  }
  boost::asio::awaitable<void> visit(StoredTokens::Job job) {
    job(store);
    co_return;
  }

  ScratchFolder folder;
  boost::asio::io_context io{1};
  std::filesystem::path path = folder.path() / "tickets.db";
  Store store{path, impatient()};
  StoredTokens tokens{io, path, [this](StoredTokens::Job job) { return visit(std::move(job)); }};
};

const RefreshToken kChain{"credential", "origin", {}};

TEST_CASE("a chain of which nothing is known begins with the token of the file", "[oauth2]") {
  StoredRig rig;
  CHECK_FALSE(rig.load(kChain));
}

TEST_CASE("a chain goes on that is in the store under a former name", "[oauth2]") {
  StoredRig rig;
  rig.store.save_refresh_token({"with the user in it", "origin", "r7"}, Time{});
  CHECK(rig.load(kChain) == "r7");
  rig.store.save_refresh_token({"credential", "origin", "r8"}, Time{});
  CHECK(rig.load(kChain) == "r8");
}

TEST_CASE("no refresh token comes out of a store that is locked", "[oauth2]") {
  StoredRig rig;
  rig.store.save_refresh_token({"credential", "origin", "r1"}, Time{});
  Store other(rig.path, StoredRig::impatient());
  const Store::Transaction write(other);
  CHECK_THROWS_AS(rig.load(kChain), StoreBusy);
}

}  // namespace
}  // namespace ticketd
