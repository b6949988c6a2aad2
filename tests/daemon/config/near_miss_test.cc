#include "daemon/config/near_miss.h"

#include <catch2/catch.hpp>

namespace ticketd {

TEST_CASE("edit distance", "[config]") {
  struct Row {
    const char* name;
    const char* from;
    const char* to;
    std::size_t distance;
  };
  const Row rows[] = {{"equal", "name", "name", 0},           {"both empty", "", "", 0},
                      {"all put in", "", "abc", 3},           {"all left out", "abc", "", 3},
                      {"one put in", "adress", "address", 1}, {"one left out", "addrress", "address", 1},
                      {"one changed", "nane", "name", 1},     {"neighbours swapped", "ulr", "url", 1},
                      {"classic", "kitten", "sitting", 3}};
  for (const Row& row : rows) {
    INFO(row.name);
    CHECK(edit_distance(row.from, row.to) == row.distance);
  }
}

TEST_CASE("near misses", "[config]") {
  const std::vector<std::string> keys{"url", "user", "tls", "password_file", "poll_interval"};
  struct Row {
    const char* name;
    const char* word;
    const char* meant;
  };
  const Row rows[] = {{"swapped", "ulr", "url"},
                      {"capitals", "URL", "url"},
                      {"hyphen", "poll-interval", "poll_interval"},
                      {"begun", "password", "password_file"},
                      {"far", "colour", ""},
                      {"empty", "", ""},
                      {"nearest wins", "usr", "user"}};
  for (const Row& row : rows) {
    INFO(row.name);
    CHECK(near_miss(row.word, keys) == row.meant);
  }
  CHECK(near_miss(std::string(100'000, 'x'), keys).empty());
}

}  // namespace ticketd
