#include <catch2/catch.hpp>
#include <random>

#include "store/impl.h"
#include "store/key_filter.h"
#include "store/soundness.h"
#include "tests/store/store_fixture.h"

namespace ticketd {
namespace {

std::string nth_id(int number) { return "mail-" + std::to_string(number) + "@customer"; }

/// Adds the Message-IDs of so many mails of one ticket, as if they had just been filed.
void add_ids(const StoreFolder& folder, int first, int count, const std::string& each = "") {
  auto database = open_plainly(folder.path());
  database.execute("BEGIN");
  auto id = database.prepare("INSERT INTO mail_ids (message_id, ours, ticket, mailbox) VALUES (?1, 0, 1, 'support')");
  auto key = database.prepare("INSERT INTO fresh_mail_keys (message_key, mail) VALUES (?1, last_insert_rowid())");
  for (int number = first; number < first + count; ++number) {
    const auto text = each.empty() ? nth_id(number) : each;
    id.run(text);
    key.run(message_key(text));
  }
  database.execute("COMMIT");
}

bool finds(Store& store, const std::string& id) {
  auto query = make_query("answer@customer");
  query.references = {id};
  Store::Transaction transaction(store);
  return !store.load_context(query).candidates.empty();
}

/// How many of them can't be found.
int count_lost(Store& store, int first, int count) {
  int lost = 0;
  for (int number = first; number < first + count; ++number) lost += finds(store, nth_id(number)) ? 0 : 1;
  return lost;
}

std::int64_t ask(const StoreFolder& folder, std::string_view sql) { return open_plainly(folder.path()).integer(sql); }

/// By a store that counts anew what others have added.
void merge_all(const StoreFolder& folder, std::size_t piece = 1'000'000) {
  Store store(folder.path());
  while (store.merge_mail_keys(1, piece)) {
  }
}

/// All keys are in the large index, and filters cover them.
void settle(const StoreFolder& folder) {
  merge_all(folder);
  Store store(folder.path());
  while (store.filter_mail_keys(1)) {
  }
}

}  // namespace

TEST_CASE("a filter has what was put in, and hardly anything else, when it is full") {
  std::mt19937_64 random(1);
  KeyFilter filter;
  std::vector<std::int64_t> keys;
  for (std::size_t i = 0; i < KeyFilter::kFull; ++i) keys.push_back(static_cast<std::int64_t>(random() >> 12));
  for (const auto key : keys) filter.add(key);
  for (const auto key : keys) CHECK(KeyFilter::may_have(filter.bits(), key));
  int others = 0;
  for (int i = 0; i < 100'000; ++i)
    others += KeyFilter::may_have(filter.bits(), static_cast<std::int64_t>(random() >> 12)) ? 1 : 0;
  CHECK(others < 2'000);
  CHECK_FALSE(KeyFilter::may_have(KeyFilter().bits(), keys[0]));
  CHECK(KeyFilter::may_have("", keys[0]));
  CHECK(KeyFilter::may_have(std::string(KeyFilter::kOctets + 1, '\0'), keys[0]));
}

TEST_CASE("filters of earlier versions are read as they were written") {
  KeyFilter filter;
  filter.add(std::numeric_limits<std::int64_t>::min());
  filter.add(-1);
  filter.add(4711);
  std::string places;
  for (std::size_t place = 0; place < KeyFilter::kOctets * 8; ++place)
    if ((static_cast<unsigned char>(filter.bits()[place / 8]) >> (place % 8) & 1U) != 0)
      places += std::to_string(place) + ' ';
  CHECK(places == "60 111 2954 8317 13479 14968 15730 16158 20857 21736 25556 26898 30255 30587 31349 ");
}

TEST_CASE("a new store has a filter for all keys, and merged ones go into it") {
  StoreFolder folder;
  Store store(folder.path());
  file_new(store, 1, "first@customer");
  CHECK(store.filter_mail_keys(1));
  CHECK_FALSE(store.filter_mail_keys(1));
  CHECK(ask(folder, "SELECT count(*) FROM mail_key_filters") == 1);
  add_ids(folder, 0, 100);
  settle(folder);
  CHECK(ask(folder, "SELECT keys FROM mail_key_filters") == 102);
  CHECK(count_lost(store, 0, 100) == 0);
  CHECK_FALSE(finds(store, "nobody@customer"));
  CHECK(find_damage(folder.path()) == std::vector<std::string>{});
}

TEST_CASE("filters in memory answer for their own keys alone, and not too many are kept") {
  KeyFilter with;
  with.add(10);
  with.add(20);
  KeptFilters kept(2);
  CHECK_FALSE(kept.may_have(10));
  kept.keep(10, 20, with.bits());
  kept.keep(21, 30, KeyFilter().bits());
  CHECK(kept.may_have(10) == std::optional(true));
  CHECK(kept.may_have(20) == std::optional(true));
  CHECK(kept.may_have(15) == std::optional(false));
  CHECK(kept.may_have(21) == std::optional(false));
  for (const std::int64_t other : {9, 31}) CHECK_FALSE(kept.may_have(other));
  kept.keep(40, 50, KeyFilter().bits());
  CHECK(kept.may_have(45) == std::optional(false));
  CHECK_FALSE(kept.may_have(10));
  kept.clear();
  CHECK_FALSE(kept.may_have(45));
}

TEST_CASE("what the store itself writes into filters is known to it at once, and what was undone does no harm") {
  StoreFolder folder;
  Store store(folder.path());
  file_new(store, 1, "1@customer");
  while (store.filter_mail_keys(1)) {
  }
  for (int number = 2; number <= 40; ++number) {
    file_new(store, number, std::to_string(number) + "@customer");
    CHECK_FALSE(finds(store, "nobody@customer"));  // it has looked into its filters
    if (number % 3 == 0) store.merge_mail_keys(1, 3);
    if (number % 5 == 0) {
      Store::Transaction undone(store);
      while (store.merge_mail_keys(1, 4)) {
      }
    }
    for (int known = 1; known <= number; ++known) {
      INFO(number << " are filed, and " << known << " is looked for");
      CHECK(finds(store, std::to_string(known) + "@customer"));
    }
  }
  CHECK(find_damage(folder.path()) == std::vector<std::string>{});
}

TEST_CASE("the first and the last key of a filter are its own, whatever is kept in memory") {
  StoreFolder folder;
  Store store(folder.path());
  file_new(store, 1, "first@customer");
  add_ids(folder, 0, 9'000);
  settle(folder);
  const auto ids_in_order = [&](std::string_view order) {
    auto database = open_plainly(folder.path());
    auto statement = database.prepare(
        "SELECT m.message_id FROM mail_keys k JOIN mail_ids m ON m.id = k.mail ORDER BY " + std::string(order));
    std::vector<std::string> ids;
    for (auto rows = statement.query(); rows.next();) ids.push_back(rows.text());
    return ids;
  };
  const auto order = GENERATE("k.message_key", "k.message_key DESC");
  int lost = 0;
  for (const auto& id : ids_in_order(order)) lost += finds(store, id) ? 0 : 1;
  CHECK(lost == 0);
}

TEST_CASE("a damaged filter is told, mended, and made anew by what is merged into it") {
  StoreFolder folder;
  Store store(folder.path());
  file_new(store, 1, "first@customer");
  settle(folder);
  open_plainly(folder.path()).execute("UPDATE mail_key_filters SET bits = x'00'");
  REQUIRE(find_damage(folder.path()).size() == 1);
  SECTION("mended") {
    CHECK(mend_key_filters(folder.path()));
    CHECK_FALSE(mend_key_filters(folder.path()));
    CHECK(ask(folder, "SELECT count(*) FROM mail_key_filters") == 0);
    settle(folder);
  }
  SECTION("merged into") {
    add_ids(folder, 0, 10);
    merge_all(folder);
    CHECK(ask(folder, "SELECT keys FROM mail_key_filters") == 12);
    CHECK(count_lost(store, 0, 10) == 0);
  }
  CHECK(finds(store, "first@customer"));
  CHECK(find_damage(folder.path()) == std::vector<std::string>{});
}

TEST_CASE("what a filter lacks is not looked for any further, and is damage") {
  StoreFolder folder;
  Store store(folder.path());
  file_new(store, 1, "first@customer");
  settle(folder);
  CHECK(finds(store, "first@customer"));
  open_plainly(folder.path()).execute("UPDATE mail_key_filters SET bits = zeroblob(4000)");
  CHECK_FALSE(finds(store, "first@customer"));
  const auto damage = find_damage(folder.path());
  REQUIRE(damage.size() == 2);
  CHECK(damage[0].find("the filter of Message-IDs from -9223372036854775808 on lacks ") == 0);
  CHECK(damage[0].find("ticketctl check --repair") != std::string::npos);
  open_plainly(folder.path()).execute("UPDATE mail_key_filters SET bits = x'00'");
  CHECK(finds(store, "first@customer"));
}

TEST_CASE("a filter that is over-full becomes several") {
  StoreFolder folder;
  Store store(folder.path());
  file_new(store, 1, "first@customer");
  settle(folder);
  add_ids(folder, 0, 3'000);
  settle(folder);
  CHECK(ask(folder, "SELECT count(*) FROM mail_key_filters") == 1);
  add_ids(folder, 3'000, 3'000);
  settle(folder);
  CHECK(ask(folder, "SELECT count(*) FROM mail_key_filters") == 3);
  CHECK(ask(folder, "SELECT sum(keys) FROM mail_key_filters") == 6'002);
  CHECK(ask(folder, "SELECT max(keys) FROM mail_key_filters") < 2'100);
  add_ids(folder, 6'000, 20'000);
  const std::size_t piece = GENERATE(500, 7'000);
  merge_all(folder, piece);
  CHECK(ask(folder, "SELECT max(keys) FROM mail_key_filters") <= static_cast<std::int64_t>(KeyFilter::kFull));
  CHECK(ask(folder, "SELECT count(*) FROM mail_key_filters") >= 9);
  CHECK(count_lost(store, 0, 26'000) == 0);
  CHECK(find_damage(folder.path()) == std::vector<std::string>{});
}

TEST_CASE("a Message-ID that comes again and again fills no filter") {
  StoreFolder folder;
  Store store(folder.path());
  file_new(store, 1, "first@customer");
  settle(folder);
  for (int round = 0; round < 4; ++round) {
    add_ids(folder, 0, 1'500, "again@customer");
    add_ids(folder, 1'000 * round, 1'000);
    settle(folder);
  }
  CHECK(ask(folder, "SELECT count(*) FROM mail_key_filters") == 2);
  CHECK(ask(folder, "SELECT sum(keys) FROM mail_key_filters") < 4'100);
  CHECK(finds(store, "again@customer"));
  CHECK(count_lost(store, 0, 4'000) == 0);
}

TEST_CASE("a large index of before gets its filters piece by piece, and all is found meanwhile") {
  StoreFolder folder;
  Store store(folder.path());
  file_new(store, 1, "first@customer");
  add_ids(folder, 0, 10'000);
  merge_all(folder);
  REQUIRE(ask(folder, "SELECT count(*) FROM mail_key_filters") == 0);
  int pieces = 0;
  for (bool more = true; more; ++pieces) {
    CHECK(count_lost(store, 0, 500) == 0);
    more = store.filter_mail_keys(1);
    add_ids(folder, 10'000 + 10 * pieces, 10);  // some of them are covered already
    merge_all(folder);
    REQUIRE(pieces < 20);
  }
  CHECK(pieces == 6);
  CHECK(count_lost(store, 0, 10'060) == 0);
  CHECK(find_damage(folder.path()) == std::vector<std::string>{});
  Store again(folder.path());
  CHECK_FALSE(again.filter_mail_keys(1));
}

TEST_CASE("filters wait while another process writes") {
  StoreFolder folder;
  Store store(folder.path());
  file_new(store, 1, "first@customer");
  auto other = open_plainly(folder.path());
  other.execute("BEGIN IMMEDIATE");
  CHECK_THROWS_AS(store.filter_mail_keys(1), StoreBusy);
  other.execute("COMMIT");
  CHECK(store.filter_mail_keys(1));
}

}  // namespace ticketd
