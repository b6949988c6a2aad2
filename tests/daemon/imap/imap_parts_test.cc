#include <algorithm>
#include <catch2/catch.hpp>

#include "daemon/imap/mailbox_name.h"
#include "daemon/imap/numbering.h"
#include "daemon/imap/suspects.h"
#include "daemon/imap/uid_sets.h"
#include "daemon/net/backoff.h"

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
    const std::string_view quoted = c.quoted;
    if (quoted.find('\\') == std::string_view::npos)
      CHECK(decode_mailbox_name(quoted.substr(1, quoted.size() - 2)) == c.utf8);
  }
  for (const std::string_view bad : {std::string_view(""), std::string_view("a\rb"), std::string_view("a\nA1 LOGOUT"),
                                     std::string_view("a\0b", 3), std::string_view("\xff")})
    CHECK_THROWS_AS(quote_mailbox_name(bad), std::invalid_argument);
}

TEST_CASE("names of folders that are no modified UTF-7 stay as they are") {
  for (const char* wire : {"Tom & Jerry", "a&b-", "&APY", "&2D0-", "&!-",
                           "Gr\xc3\xb6\xc3\x9f"
                           "e",
                           ""}) {
    INFO(wire);
    CHECK(decode_mailbox_name(wire) == wire);
  }
}

TEST_CASE("delays before the next try") {
  using std::chrono::milliseconds;
  using std::chrono::minutes;
  using std::chrono::seconds;
  struct Case {
    const char* name;
    std::uint32_t failures;
    double random;
    Duration delay;
  };
  const Case cases[] = {
      {"just broken, longest", 1, 0.0, seconds{1}},
      {"just broken, middle", 1, 0.5, milliseconds{875}},
      {"doubled", 2, 0.0, seconds{2}},
      {"doubled again", 5, 0.0, seconds{16}},
      {"at most", 10, 0.0, minutes{5}},
      {"after years, jitter still there", 4'000'000'000u, 1.0, seconds{225}},
  };
  for (const auto& c : cases) {
    INFO(c.name);
    CHECK(backoff_delay(c.failures, seconds{1}, minutes{5}, c.random) == c.delay);
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

TEST_CASE("numberings under one UIDVALIDITY") {
  for (const std::uint32_t server : {1u, 14u, 1000u, 1'764'000'000u, 0x7fff'ffffu, 0x8000'0001u, 0xffff'ffffu}) {
    INFO(server);
    CHECK(ledger_validity(UidValidity{server}, 0) == UidValidity{server});
    std::vector<UidValidity> all;
    for (unsigned nth = 0; nth < kNumberings; ++nth) {
      all.push_back(ledger_validity(UidValidity{server}, nth));
      CHECK(numbering_in(all.back(), UidValidity{server}) == nth);
      CHECK(numbering_in(all.back(), UidValidity{server ^ 1u}) == std::nullopt);
    }
    std::sort(all.begin(), all.end());
    CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
  }
  // What another UIDVALIDITY of the server's looks like.
  CHECK(numbering_in(UidValidity{1}, UidValidity{2}) == std::nullopt);
  CHECK(numbering_in(UidValidity{1'764'000'000}, UidValidity{1'764'000'001}) == std::nullopt);
  CHECK(numbering_in(UidValidity{1'764'000'000}, UidValidity{1'764'000'000 ^ (3u << 20)}) == std::nullopt);
  CHECK(numbering_in(UidValidity{}, UidValidity{77}) == std::nullopt);
  CHECK(numbering_in(UidValidity{0x8000'0007}, UidValidity{7}) == std::nullopt);
}

TEST_CASE("a mail that failed once is tried before all others, one that failed again behind them") {
  using std::chrono::seconds;
  const Suspects::SteadyTime start{};
  Suspects suspects(seconds{60});
  const auto split = [&](Suspects::SteadyTime now) {
    std::vector<Uid> wanted{Uid{1}, Uid{2}, Uid{3}, Uid{4}};
    auto found = suspects.take_from(wanted, now);
    CHECK(wanted.size() + found.fresh.size() + found.due.size() + found.waiting.size() == 4);
    return found;
  };
  suspects.blame(Uid{2}, start);
  CHECK(split(start).fresh == std::vector{Uid{2}});
  suspects.blame(Uid{2}, start);
  CHECK(split(start).fresh.empty());
  CHECK(split(start).waiting == std::vector{Uid{2}});
  CHECK(split(start + seconds{60}).due == std::vector{Uid{2}});
  suspects.acquit(Uid{2});
  CHECK_FALSE(suspects.contains(Uid{2}));
  for (const auto uid : {Uid{1}, Uid{2}, Uid{3}}) suspects.blame(uid, start);
  CHECK(split(start).fresh == std::vector{Uid{1}, Uid{2}, Uid{3}});
  suspects.blame(Uid{4}, start);
  CHECK(split(start).fresh.empty());
  CHECK(split(start).due.size() == 4);
}

}  // namespace
}  // namespace ticketd
