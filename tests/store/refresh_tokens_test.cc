#include <catch2/catch.hpp>

#include "tests/store/store_fixture.h"

namespace ticketd {
namespace {

TEST_CASE("the latest refresh token of a chain is kept over a restart") {
  StoreFolder folder;
  {
    Store store(folder.path());
    CHECK_FALSE(store.refresh_token("ann", "first"));
    store.save_refresh_token({"ann", "first", "second"}, at(1));
    store.save_refresh_token({"ann", "first", "third"}, at(2));
  }
  Store store(folder.path());
  CHECK(store.refresh_token("ann", "first") == "third");
}

TEST_CASE("a chain is one credential's, from one beginning, and else goes on under any name") {
  StoreFolder folder;
  Store store(folder.path());
  store.save_refresh_token({"ann", "first", "ann's"}, at(1));
  store.save_refresh_token({"bob", "first", "bob's"}, at(2));
  store.save_refresh_token({"ann", "other", "ann's other"}, at(1));
  CHECK(store.refresh_token("ann", "first") == "ann's");
  CHECK(store.refresh_token("bob", "first") == "bob's");
  CHECK(store.refresh_token("ann", "other") == "ann's other");
  CHECK(store.refresh_token("new name", "first") == "bob's");
  CHECK_FALSE(store.refresh_token("ann", "unknown"));
}

TEST_CASE("a failure to get a token is on record until there is one, since it began") {
  StoreFolder folder;
  Store store(folder.path());
  store.note_token_failure("ann", "no route", at(1));
  store.note_token_failure("ann", "invalid_grant", at(2));
  const auto failures = store.counts(at(3)).token_failures;
  REQUIRE(failures.size() == 1);
  CHECK(failures[0].login == "ann");
  CHECK(failures[0].error == "invalid_grant");
  CHECK(failures[0].since == at(1));
  store.note_token_failure("ann", "", at(4));
  CHECK(store.token_failures().empty());
}

}  // namespace
}  // namespace ticketd
