#include "store/search_index.h"

#include <cstdint>
#include <string>

#include "store/schema.h"

namespace ticketd {
namespace {

/// Of the varints (SQLite's: seven bits an octet, the highest ones first) by which FTS5 notes how many words each
/// column of a row has.
std::uint64_t sum_of_varints(std::string_view octets) {
  std::uint64_t sum = 0;
  std::uint64_t value = 0;
  for (const unsigned char octet : octets) {
    value = value << 7 | (octet & 0x7fU);
    if ((octet & 0x80U) != 0) continue;
    sum += value;
    value = 0;
  }
  return sum;
}

std::int64_t count_indexed_words(Database& store) {
  store.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.search_words USING fts5vocab (main, message_search, 'row')");
  return store.integer("SELECT ifnull(sum(cnt), 0) FROM temp.search_words");
}

std::int64_t count_words_put_in(Database& store) {
  std::uint64_t sum = 0;
  auto sizes = store.prepare("SELECT sz FROM message_search_docsize");
  for (auto rows = sizes.query(); rows.next();) sum += sum_of_varints(rows.view());
  return static_cast<std::int64_t>(sum);
}

bool has_search_index(Database& store) {
  return store.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'message_search'") != 0;
}

}  // namespace

bool is_search_index_whole(Database& store) {
  try {
    return count_indexed_words(store) == count_words_put_in(store);
  } catch (const SearchIndexDamaged&) {
    return false;
  }
}

void empty_search_index(const std::filesystem::path& store, std::chrono::milliseconds patience) {
  Database database(store.string(), {false, patience, nullptr, false});
  // FTS5's own 'delete-all' needs a table that can be opened. What is written is what a new one has.
  database.execute(
      "BEGIN IMMEDIATE;"
      "CREATE VIRTUAL TABLE temp.new_search USING fts5 (subject, text, content='');"
      "DELETE FROM message_search_data;"
      "DELETE FROM message_search_idx;"
      "DELETE FROM message_search_docsize;"
      "INSERT INTO message_search_data SELECT * FROM temp.new_search_data;"
      "UPDATE search_progress SET indexed_up_to = 0;"
      "COMMIT");
}

bool mend_search_index(const std::filesystem::path& store) {
  refuse_half_restored(store);
  {
    Database database(store.string(), {false, kMendingPatience, nullptr});
    database.execute("BEGIN");  // what is indexed meanwhile is in neither count
    if (!has_search_index(database) || is_search_index_whole(database)) return false;
  }
  empty_search_index(store);
  return true;
}

}  // namespace ticketd
