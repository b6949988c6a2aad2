#include "store/search_index.h"

#include <catch2/catch.hpp>

#include "tests/store/store_fixture.h"

namespace ticketd {
namespace {

constexpr int kMessages = 40;

/// A store whose messages are all in the index.
void fill(const std::filesystem::path& path) {
  Store store(path);
  for (int i = 1; i <= kMessages; ++i) file_new(store, i, std::to_string(i) + "@customer");
  CHECK(search(store, "fire", 0).size() == kMessages);
}

void damage(const std::filesystem::path& path, const char* statement) {
  Database database(path.string(), {false, std::chrono::milliseconds{1000}, nullptr, false});
  database.execute(statement);
}

bool is_whole(const std::filesystem::path& path) {
  Database database(path.string(), {true, std::chrono::milliseconds{1000}, nullptr});
  return is_search_index_whole(database);
}

TEST_CASE("a whole search index is left alone") {
  StoreFolder folder;
  fill(folder.path());
  Store store(folder.path());
  file_new(store, kMessages + 1, "not in the index yet");
  CHECK(is_whole(folder.path()));
  CHECK_FALSE(mend_search_index(folder.path()));
  CHECK(store.search("fire", 0).size() == kMessages);
}

TEST_CASE("a damaged search index is found, emptied and filled again") {
  struct Case {
    const char* name;
    const char* statement;
  };
  const auto [name, statement] = GENERATE(values<Case>({
      {"zeroes", "UPDATE message_search_data SET block = zeroblob(length(block)) WHERE id > 10"},
      {"ones",
       "UPDATE message_search_data SET block = replace(hex(zeroblob(length(block))), '0', x'ff') WHERE id > 10"},
      {"a block is gone", "DELETE FROM message_search_data WHERE id > 10"},
      {"a structure that FTS5 refuses",
       "UPDATE message_search_data SET block = x'ffffffffffffffffffffffff' WHERE id = 10"},
      {"no structure", "DELETE FROM message_search_data WHERE id = 10"},
      {"sizes are gone", "DELETE FROM message_search_docsize WHERE id > 5"},
  }));
  INFO(name);
  StoreFolder folder;
  fill(folder.path());
  damage(folder.path(), statement);
  CHECK_FALSE(is_whole(folder.path()));
  CHECK(mend_search_index(folder.path()));
  CHECK(is_whole(folder.path()));
  Store store(folder.path());
  CHECK(search(store, "fire", 0).size() == kMessages);
  CHECK(is_whole(folder.path()));
}

TEST_CASE("who has the store open sees the index that was emptied") {
  StoreFolder folder;
  fill(folder.path());
  Store store(folder.path());
  CHECK(store.search("fire", 0).size() == kMessages);
  store.empty_search_index();
  CHECK(store.search("fire", 0).empty());
  CHECK(search(store, "fire", 0).size() == kMessages);
  CHECK(is_whole(folder.path()));
}

TEST_CASE("who empties a damaged index in passing does not wait for whoever writes") {
  StoreFolder folder;
  fill(folder.path());
  Store store(folder.path());
  auto other = open_plainly(folder.path());
  other.execute("BEGIN IMMEDIATE");
  const auto start = std::chrono::steady_clock::now();
  CHECK_THROWS_AS(store.empty_search_index(), StoreBusy);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{3});
}

TEST_CASE("a search index that can't be read has an error of its own") {
  StoreFolder folder;
  fill(folder.path());
  damage(folder.path(), "UPDATE message_search_data SET block = x'ffffffffffffffffffffffff' WHERE id = 10");
  Store store(folder.path());
  file_new(store, kMessages + 1, "new");
  CHECK_THROWS_AS(store.index_messages(10), SearchIndexDamaged);
  CHECK_THROWS_AS(store.search("fire", 0), SearchIndexDamaged);
}

TEST_CASE("a database without a search index has none to mend") {
  StoreFolder folder;
  open_plainly(folder.path()).execute("CREATE TABLE songs (name)");
  CHECK_FALSE(mend_search_index(folder.path()));
}

}  // namespace
}  // namespace ticketd
