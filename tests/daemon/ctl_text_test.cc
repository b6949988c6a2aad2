#include <catch2/catch.hpp>

#include "daemon/ctl/table.h"
#include "daemon/ctl/time_text.h"

namespace ticketd {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const Time kNow = std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + hours{10} + minutes{5};

TEST_CASE("times are ISO 8601 in UTC") {
  CHECK(iso8601(kNow) == "2026-11-24T10:05:00Z");
  CHECK(iso8601(kNow + std::chrono::microseconds{999'999}) == "2026-11-24T10:05:00Z");
  CHECK(iso8601(Time{} - seconds{1}) == "1969-12-31T23:59:59Z");
}

TEST_CASE("relative times are for people") {
  struct Case {
    const char* name;
    Duration from_now;
    const char* text;
  };
  const Case cases[] = {
      {"a moment ago", -seconds{2}, "just now"},
      {"in a moment", seconds{2}, "just now"},
      {"seconds", -seconds{40}, "40 seconds ago"},
      {"minutes lose their seconds", -(minutes{12} + seconds{40}), "12 minutes ago"},
      {"one minute", minutes{1}, "in 1 minute"},
      {"hours keep their minutes", hours{3} + minutes{20}, "in 3 hours 20 minutes"},
      {"days lose their minutes", -(days{2} + hours{4} + minutes{59}), "2 days 4 hours ago"},
  };
  for (const auto& c : cases) {
    INFO(c.name);
    CHECK(relative_time(kNow + c.from_now, kNow) == c.text);
  }
}

TEST_CASE("local times tell the two hours of autumn apart") {
  Ruleset ruleset;
  ruleset.support.time_zone = "Europe/Berlin";
  const Time first = std::chrono::sys_days{std::chrono::year{2026} / 10 / 25} + minutes{30} + seconds{7};
  CHECK(local_time_text(first, ruleset) == "2026-10-25 02:30:07 CEST");
  CHECK(local_time_text(first + hours{1}, ruleset) == "2026-10-25 02:30:07 CET");
}

TEST_CASE("a table aligns its columns by code points") {
  TextTable table({"No.", "Name"});
  table.add({"#1", "Jörg"});
  table.add({"#1000", "Ann"});
  CHECK(table.render(TextStyle{}) == "No.    Name\n#1     Jörg\n#1000  Ann\n");
}

TEST_CASE("a hostile cell can't reach the terminal") {
  TextTable table({"Subject"});
  table.add({"a\x1b[2Jb\nc"});
  const auto text = table.render(TextStyle{});
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text ==
        "Subject\na\xEF\xBF\xBD[2Jb\xEF\xBF\xBD"
        "c\n");
}

TEST_CASE("colour is only there when it is asked for") {
  TextTable table({"A"});
  table.add({"b"});
  table.mark_red();
  CHECK(table.render(TextStyle{}).find('\x1b') == std::string::npos);
  CHECK(table.render(TextStyle{true}).find("\x1b[31mb\x1b[0m") != std::string::npos);
}

TEST_CASE("long texts are cut between code points") {
  CHECK(shorten("short", 10) == "short");
  CHECK(shorten("äöüäöü", 4) == "äöü…");
  CHECK(shorten("", 4).empty());
}

TEST_CASE("lines are folded at word ends") {
  struct Case {
    const char* name;
    const char* text;
    const char* folded;
  };
  const Case cases[] = {
      {"it fits", "one two th", "one two th"},
      {"one too many", "one two thr", "one two\nthr"},
      {"by code points", "öne twö th", "öne twö th"},
      {"a word that is too long", "see /etc/ticketd/x now", "see\n/etc/ticketd/x\nnow"},
      {"a command", "do `cp a /etc/b` (now)", "do\n`cp a /etc/b`\n(now)"},
      {"two of them", "`a b`, `c d` e f g h", "`a b`,\n`c d` e f\ng h"},
      {"a backquote alone", "one ` two three", "one ` two\nthree"},
      {"nothing but such a word", "/etc/ticketd/ticketd", "/etc/ticketd/ticketd"},
      {"an indented line goes on indented", "  one two three", "  one two\n  three"},
      {"a second column goes on below itself", "a:  one two", "a:  one\n    two"},
      {"of which a line may be short", "a.b.c.d.e:  one two", "a.b.c.d.e:\n     one\n     two"},
      {"lines stay lines", "one\n\ntwo three four\n", "one\n\ntwo three\nfour\n"},
      {"a prompt's last blank", "one two thr: ", "one two\nthr: "},
      {"a prompt that just fits", "one two: ", "one two: "},
      {"nothing", "", ""},
      {"blanks", "   ", "   "},
  };
  for (const auto& c : cases) {
    INFO(c.name);
    CHECK(folded(c.text, 10) == c.folded);
  }
  CHECK(folded("one two", 0) == "one two");
}

}  // namespace
}  // namespace ticketd
