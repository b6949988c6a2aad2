#include <catch2/catch.hpp>

#include "tests/store/store_fixture.h"

namespace ticketd {
namespace {

struct Keys {
  std::int64_t fresh, merged;
  bool operator==(const Keys&) const = default;
};

Keys keys_in(const StoreFolder& folder) {
  auto database = open_plainly(folder.path());
  return {database.integer("SELECT count(*) FROM fresh_mail_keys"), database.integer("SELECT count(*) FROM mail_keys")};
}

/// Each has two Message-IDs: the customer's, and that of its acknowledgement.
void file_mails(Store& store, int first, int last) {
  for (int number = first; number <= last; ++number) file_new(store, number, std::to_string(number) + "@customer");
}

/// As whom a mail that answers `reference` finds the store.
std::vector<TicketId> tickets_of(Store& store, const std::string& reference) {
  auto query = make_query("answer@customer");
  query.references = {reference};
  std::vector<TicketId> found;
  Store::Transaction transaction(store);
  for (const auto& candidate : store.load_context(query).candidates) found.push_back(candidate.ticket.number);
  return found;
}

TEST_CASE("keys of Message-IDs join the large index once there are enough, piece by piece, until few are left") {
  StoreFolder folder;
  Store store(folder.path());
  file_mails(store, 1, 4);
  CHECK_FALSE(store.merge_mail_keys(9, 3));
  CHECK(keys_in(folder) == Keys{8, 0});
  file_mails(store, 5, 5);
  CHECK(store.merge_mail_keys(9, 3));
  CHECK(keys_in(folder) == Keys{7, 3});
  CHECK(store.merge_mail_keys(9, 3));
  CHECK_FALSE(store.merge_mail_keys(9, 3));
  CHECK(keys_in(folder) == Keys{1, 9});
  CHECK_FALSE(store.merge_mail_keys(9, 3));
  file_mails(store, 6, 8);
  CHECK_FALSE(store.merge_mail_keys(9, 3));
  CHECK(keys_in(folder) == Keys{7, 9});
}

TEST_CASE("what another process or an earlier one filed is counted too") {
  StoreFolder folder;
  {
    Store earlier(folder.path());
    file_mails(earlier, 1, 3);
  }
  Store store(folder.path());
  CHECK_FALSE(store.merge_mail_keys(7, 3));
  Store other(folder.path());
  file_mails(other, 4, 5);
  file_mails(store, 6, 6);  // 12, of which this one knows 8
  CHECK(store.merge_mail_keys(7, 3));
  CHECK(keys_in(folder) == Keys{9, 3});
}

TEST_CASE("a Message-ID is found before its key has joined the large index, and after") {
  StoreFolder folder;
  Store store(folder.path());
  file_mails(store, 1, 3);
  const int merged = GENERATE(0, 2, 6);
  CAPTURE(merged);
  if (merged > 0) store.merge_mail_keys(1, static_cast<std::size_t>(merged));
  REQUIRE(keys_in(folder) == Keys{6 - merged, merged});
  for (int number = 1; number <= 3; ++number) {
    const auto id = std::to_string(number);
    CHECK(tickets_of(store, id + "@customer") == std::vector{TicketId{number}});
    CHECK(tickets_of(store, "ack-" + id + "@desk") == std::vector{TicketId{number}});
    Store::Transaction transaction(store);
    CHECK(store.load_context(make_query(id + "@customer")).known.size() == 1);
  }
  CHECK(tickets_of(store, "nobody@customer").empty());
}

TEST_CASE("keys wait while another process writes") {
  StoreFolder folder;
  Store store(folder.path());
  file_mails(store, 1, 3);
  auto other = open_plainly(folder.path());
  other.execute("BEGIN IMMEDIATE");
  CHECK_THROWS_AS(store.merge_mail_keys(1, 2), StoreBusy);
  other.execute("COMMIT");
  CHECK(store.merge_mail_keys(1, 2));
}

}  // namespace
}  // namespace ticketd
