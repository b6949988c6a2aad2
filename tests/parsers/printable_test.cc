#include "parsers/printable.h"

#include <catch2/catch.hpp>

namespace ticketd {
namespace {

struct Case {
  const char* name;
  std::string foreign;
  std::string line;
  std::string text;
};

TEST_CASE("foreign text is made safe for a terminal") {
  const Case cases[] = {
      {"plain text stays", "Phones down", "Phones down", "Phones down"},
      {"umlauts and emoji stay", "Müller ☎ 🙂", "Müller ☎ 🙂", "Müller ☎ 🙂"},
      {"an escape sequence loses its escape", "a\x1b[31mred", "a\xEF\xBF\xBD[31mred", "a\xEF\xBF\xBD[31mred"},
      {"a C1 control is replaced",
       "a\xC2\x9B"
       "31m",
       "a\xEF\xBF\xBD"
       "31m",
       "a\xEF\xBF\xBD"
       "31m"},
      {"a line feed stays in texts only", "a\nb",
       "a\xEF\xBF\xBD"
       "b",
       "a\nb"},
      {"a carriage return never stays", "a\rb",
       "a\xEF\xBF\xBD"
       "b",
       "a\xEF\xBF\xBD"
       "b"},
      {"a tab is a space", "a\tb", "a b", "a b"},
      {"NUL is replaced", std::string("a\0b", 3),
       "a\xEF\xBF\xBD"
       "b",
       "a\xEF\xBF\xBD"
       "b"},
      {"broken UTF-8 is replaced", "a\xFFz", "a\xEF\xBF\xBDz", "a\xEF\xBF\xBDz"},
      {"an override of the writing direction is replaced",
       "invoice\xE2\x80\xAE"
       "fdp.exe",
       "invoice\xEF\xBF\xBD"
       "fdp.exe",
       "invoice\xEF\xBF\xBD"
       "fdp.exe"},
      {"characters without width are replaced", "a\u200B\uFEFF\u2060b", "a\uFFFD\uFFFD\uFFFDb", "a\uFFFD\uFFFD\uFFFDb"},
      {"what Hebrew, Persian and emoji need stays", "\u200Fא\u200E می\u200Cخ ❤\uFE0F\u200D🔥",
       "\u200Fא\u200E می\u200Cخ ❤\uFE0F\u200D🔥", "\u200Fא\u200E می\u200Cخ ❤\uFE0F\u200D🔥"},
      {"a line separator is replaced",
       "a\xE2\x80\xA8"
       "b",
       "a\xEF\xBF\xBD"
       "b",
       "a\xEF\xBF\xBD"
       "b"},
  };
  for (const auto& c : cases) {
    INFO(c.name);
    CHECK(printable_line(c.foreign) == c.line);
    CHECK(printable_text(c.foreign) == c.text);
  }
}

}  // namespace
TEST_CASE("a word that a shell takes as it is") {
  CHECK(shell_word("ann+x@example.com") == "ann+x@example.com");
  CHECK(shell_word("`touch${IFS}x`@y") == "'`touch${IFS}x`@y'");
  CHECK(shell_word("o'neil@x") == "'o'\\''neil@x'");
}

}  // namespace ticketd
