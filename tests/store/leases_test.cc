#include <catch2/catch.hpp>

#include "tests/store/store_fixture.h"

namespace ticketd {
namespace {

TEST_CASE("a lease comes back as it was written, the latest of each mailbox") {
  StoreFolder folder;
  LeaseRecord lease;
  lease.mailbox = "support";
  lease.holder = "holder";
  lease.token = "token";
  lease.place = "place";
  lease.looked_at = at(1);
  Store store(folder.path());
  CHECK(store.leases().empty());
  store.write_lease(lease);
  for (const auto tenure : {Tenure::held, Tenure::unguarded, Tenure::unknown, Tenure::stand_by}) {
    lease.tenure = tenure;
    store.write_lease(lease);
    REQUIRE(store.leases().size() == 1);
    CHECK(store.leases()[0].tenure == tenure);
  }
  lease.rival = "other.example";
  lease.rival_since = at(2);
  lease.is_copy = true;
  lease.detail = "over quota";
  lease.watched = "1:2:3";
  lease.watched_since = at(3);
  store.write_lease(lease);
  const LeaseRecord read = store.leases().at(0);
  CHECK(read.mailbox == "support");
  CHECK(read.holder == "holder");
  CHECK(read.token == "token");
  CHECK(read.place == "place");
  CHECK(read.rival == "other.example");
  CHECK(read.rival_since == at(2));
  CHECK(read.is_copy);
  CHECK(read.detail == "over quota");
  CHECK(read.looked_at == at(1));
  CHECK(read.watched == "1:2:3");
  CHECK(read.watched_since == at(3));
  lease.mailbox = "another";
  store.write_lease(lease);
  CHECK(store.leases().size() == 2);
}

}  // namespace
}  // namespace ticketd
