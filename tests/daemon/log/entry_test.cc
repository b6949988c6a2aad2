#include "daemon/log/entry.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "daemon/log/writer.h"

namespace ticketd::log {

TEST_CASE("values of log lines", "[log]") {
  struct Row {
    const char* name;
    std::string foreign;
    std::string value;
  };
  const Row rows[] = {{"plain", "Grüße", "Grüße"},
                      {"empty", "", ""},
                      {"forged line", "a\nB=c", "a\uFFFDB=c"},
                      {"terminal escape", "\x1b[2Jx", "\uFFFD[2Jx"},
                      {"no UTF-8", "a\xff\xfe", "a\uFFFD\uFFFD"},
                      {"NUL", std::string("a\0b", 3), "a\uFFFDb"},
                      {"format characters are text", "%n%s{}", "%n%s{}"},
                      {"exactly as long as allowed", "0123456789", "0123456789"},
                      {"one too long", "0123456789a", "0123456…"},
                      {"cut between characters", "012345äöüß", "012345…"},
                      {"grows by replacement", "\x01\x02\x03\x04\x05", "\uFFFD\uFFFD…"}};
  for (const Row& row : rows) {
    INFO(row.name);
    CHECK(log_value(row.foreign, 10) == row.value);
  }
}

TEST_CASE("a huge value stays small", "[log]") {
  CHECK(log_value(std::string(1'000'000, 'x')).size() == 500);
  CHECK(log_value(std::string(1'000'000, '\x01')).size() <= 500);
  CHECK(log_value(std::string(1'000'000, '\x80')).size() <= 500);
}

TEST_CASE("events have names and ids of their own", "[log]") {
  std::set<std::string_view> names, ids;
  for (const EventKind& kind : all_kinds()) {
    INFO(kind.name);
    CHECK(kind_of(kind.event).name == kind.name);
    CHECK(kind.message_id.size() == 32);
    CHECK(
        std::ranges::all_of(kind.message_id, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }));
    names.insert(kind.name);
    ids.insert(kind.message_id);
  }
  CHECK(names.size() == all_kinds().size());
  CHECK(ids.size() == all_kinds().size());
  CHECK(names.size() == static_cast<std::size_t>(Event::lines_dropped) + 1);
}

TEST_CASE("what is written", "[log]") {
  const Time at = std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + std::chrono::hours{10};
  const Entry entry{Event::mail_filed, Severity::warning, "mail 3 filed", {{"TICKETD_UID", "3"}}, at};
  CHECK(stderr_line(entry, true) == "mail 3 filed\n");
  CHECK(stderr_line(entry, false) == "2026-11-24T10:00:00Z warning: mail 3 filed\n");
  CHECK(journal_fields(entry) == std::vector<std::string>{"MESSAGE=mail 3 filed", "PRIORITY=4",
                                                          "SYSLOG_IDENTIFIER=ticketd",
                                                          "MESSAGE_ID=a7fc03cb8a334b6998b4d58260c8e60c",
                                                          "TICKETD_EVENT=mail_filed", "TICKETD_UID=3"});
}

}  // namespace ticketd::log
