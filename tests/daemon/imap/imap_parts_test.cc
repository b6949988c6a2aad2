#include <catch2/catch.hpp>

#include "daemon/imap/mailbox_name.h"
#include "daemon/imap/reconnect_delay.h"
#include "daemon/imap/uid_sets.h"

namespace ticketd {
namespace {

TEST_CASE("names of folders") {
  struct Case {
    const char* name;
    const char* utf8;
    const char* quoted;
  };
  const Case cases[] = {
      {"plain", "INBOX", "\"INBOX\""},
      {"quotes and backslashes", "a\"b\\c", "\"a\\\"b\\\\c\""},
      {"ampersand", "Tom & Jerry", "\"Tom &- Jerry\""},
      {"one letter of two octets", "Größe", "\"Gr&APYA3w-e\""},
      {"RFC 3501's example", "~peter/mail/台北/日本語", "\"~peter/mail/&U,BTFw-/&ZeVnLIqe-\""},
      {"beyond the first plane", "📥", "\"&2D3c5Q-\""},
      {"tab", "a\tb", "\"a&AAk-b\""},
  };
  for (const auto& c : cases) {
    INFO(c.name);
    CHECK(quote_mailbox_name(c.utf8) == c.quoted);
  }
  for (const std::string_view bad : {std::string_view(""), std::string_view("a\rb"), std::string_view("a\nA1 LOGOUT"),
                                     std::string_view("a\0b", 3), std::string_view("\xff")})
    CHECK_THROWS_AS(quote_mailbox_name(bad), std::invalid_argument);
}

TEST_CASE("delays before the next try") {
  using std::chrono::milliseconds;
  using std::chrono::minutes;
  struct Case {
    const char* name;
    unsigned failures;
    double random;
    Duration delay;
  };
  const Case cases[] = {
      {"just broken, lowest", 0, 0.0, milliseconds{500}},
      {"just broken, middle", 0, 0.5, milliseconds{750}},
      {"doubled", 1, 0.0, milliseconds{1000}},
      {"doubled again", 4, 0.0, milliseconds{8000}},
      {"at most, lowest", 9, 0.0, minutes{5} / 2},
      {"at most, highest", 20, 1.0, minutes{5}},
      {"after years", 4'000'000'000u, 1.0, minutes{5}},
  };
  for (const auto& c : cases) {
    INFO(c.name);
    CHECK(reconnect_delay(c.failures, c.random) == c.delay);
  }
}

TEST_CASE("sets of UIDs") {
  CHECK(uid_sets({Uid{9}, Uid{3}, Uid{4}}) == std::vector<std::string>{"3:4,9"});
  CHECK(uid_sets({}).empty());
  std::vector<Uid> many;
  for (std::uint32_t i = 0; i < 501; ++i) many.push_back(Uid{4'000'000'000u + 2 * i});
  const auto sets = uid_sets(many);
  REQUIRE(sets.size() == 2);
  CHECK(sets[0].size() < 8000);
  CHECK(sets[1] == "4000001000");
}

}  // namespace
}  // namespace ticketd
