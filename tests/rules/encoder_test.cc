#include "rules/mail_encoder.h"

#include <catch2/catch.hpp>
#include <string>

#include "rules/encoded_word.h"
#include "rules/html_alternative.h"

namespace ticketd {

TEST_CASE("Header lines are one line of UTF-8") {
  const std::tuple<const char*, std::string, std::string> cases[] = {
      {"plain", "phones down", "phones down"},
      {"runs of white space", "  a \t b  ", "a b"},
      {"line ends", "a\r\nb\nc\rd", "a b c d"},
      {"NUL and ESC",
       std::string("a\0b\x1b"
                   "c",
                   5),
       "a b c"},
      {"line and paragraph separator, NEL",
       "a\xE2\x80\xA8"
       "b\xE2\x80\xA9"
       "c\xC2\x85"
       "d",
       "a b c d"},
      {"no UTF-8",
       "a\xff"
       "b",
       "a b"},
      {"right-to-left override",
       "a\xE2\x80\xAE"
       "b",
       "a b"},
      {"umlauts and emoji stay", "ü😀", "ü😀"},
      {"nothing but controls", "\r\n\t\x01", ""},
  };
  for (const auto& [name, foreign, line] : cases) {
    INFO(name);
    CHECK(header_line(foreign) == line);
  }
}

TEST_CASE("Shortened text ends between characters") {
  const std::tuple<const char*, std::string, std::size_t, std::string> cases[] = {
      {"short enough", "phones", 6, "phones"},
      {"cut", "phones down", 9, "phones…"},
      {"not inside a character", "ääääää", 8, "ää…"},
      {"not before a combining mark", "abcde\xCC\x81xyz", 8, "abcd…"},
      {"blank before the cut goes", "abc defghi", 7, "abc…"},
  };
  for (const auto& [name, text, octets, result] : cases) {
    INFO(name);
    CHECK(shortened(text, octets) == result);
  }
}

TEST_CASE("Dates") {
  using namespace std::chrono;
  CHECK(rfc5322_date(sys_days{year{2026} / 1 / 1}) == "Thu, 01 Jan 2026 00:00:00 +0000");
  CHECK(rfc5322_date(sys_days{year{2028} / 2 / 29} + 23h + 59min + 59s + 999999us) ==
        "Tue, 29 Feb 2028 23:59:59 +0000");
}

TEST_CASE("Encoded words") {
  const std::tuple<const char*, std::string, std::vector<std::string>> cases[] = {
      {"mostly ASCII is Q", "Grüße an alle", {"=?UTF-8?Q?Gr=C3=BC=C3=9Fe_an_alle?="}},
      {"mostly not is B", "日本語", {"=?UTF-8?B?5pel5pys6Kqe?="}},
      {"one octet over", "日本語a", {"=?UTF-8?B?5pel5pys6KqeYQ==?="}},
      {"two octets over", "日本語ab", {"=?UTF-8?B?5pel5pys6KqeYWI=?="}},
      {"specials are encoded", "(ü)\"?_=", {"=?UTF-8?B?KMO8KSI/Xz0=?="}},
  };
  for (const auto& [name, text, words] : cases) {
    INFO(name);
    CHECK(encoded_words(text, 9) == words);
  }
}

TEST_CASE("Encoded words are short and never split a character") {
  for (const std::string unit : {"ä", "日", "😀", "aä", "aaaaaaaaaaaaaaaaaaaaä"}) {
    std::string text;
    while (text.size() < 600) text += unit;
    for (std::size_t column = 1; column < 90; ++column) {
      const auto words = encoded_words(text, column);
      const bool shares_line = column <= 35;
      CHECK(words.front().size() <= (shares_line ? std::min<std::size_t>(75, 78 - column) : 75));
      for (const auto& word : words) {
        REQUIRE(word.size() <= 75);
        // A character that is split would start a word with a continuation octet (10xxxxxx).
        if (word.starts_with("=?UTF-8?Q?=")) CHECK(std::string_view("89AB").find(word[11]) == std::string::npos);
        if (word.starts_with("=?UTF-8?B?"))
          CHECK(std::string_view("ghijklmnopqrstuv").find(word[10]) == std::string::npos);
      }
    }
  }
}

TEST_CASE("Unstructured text keeps plain words plain") {
  using Tokens = std::vector<std::string>;
  CHECK(unstructured_tokens("[SUP-1] phones down", 9) == Tokens{"[SUP-1]", "phones", "down"});
  CHECK(unstructured_tokens("[SUP-1] Störung am Büro seit heute", 9) ==
        Tokens{"[SUP-1]", "=?UTF-8?Q?St=C3=B6rung_am_B=C3=BCro?=", "seit", "heute"});
  CHECK(unstructured_tokens("a =?utf-8?Q?b?= c", 9) == Tokens{"a", "=?UTF-8?Q?=3D=3Futf-8=3FQ=3Fb=3F=3D?=", "c"});
  CHECK(unstructured_tokens("", 9).empty());
}

TEST_CASE("Mailboxes") {
  const std::tuple<const char*, std::string, std::string> cases[] = {
      {"no name", "", "<j@x>"},
      {"atoms", "Jane Doe", "Jane Doe <j@x>"},
      {"a comma needs quotes", "Doe, Jane", "\"Doe, Jane\" <j@x>"},
      {"quotes and backslash", "a \"b\" \\", "\"a \\\"b\\\" \\\\\" <j@x>"},
      {"a dot needs quotes", "J. Doe", "\"J. Doe\" <j@x>"},
      {"umlauts", "Jörg", "=?UTF-8?Q?J=C3=B6rg?= <j@x>"},
      {"looks like an encoded word", "=?a?Q?b?=", "=?UTF-8?B?PT9hP1E/Yj89?= <j@x>"},
      {"an address as name", "evil@example.org", "\"evil@example.org\" <j@x>"},
  };
  for (const auto& [name, display_name, expected] : cases) {
    INFO(name);
    std::string line;
    for (const auto& token : mailbox_tokens({display_name, "j@x"}, 4)) line += (line.empty() ? "" : " ") + token;
    CHECK(line == expected);
  }
}

TEST_CASE("Quoted-printable") {
  const std::tuple<const char*, std::string, std::string> cases[] = {
      {"plain", "Hello, world!\n", "Hello, world!\r\n"},
      {"no line end", "Hello", "Hello\r\n"},
      {"empty lines", "a\n\nb\n", "a\r\n\r\nb\r\n"},
      {"equals sign", "a=b\n", "a=3Db\r\n"},
      {"UTF-8", "ü\n", "=C3=BC\r\n"},
      {"trailing blank", "-- \n", "--=20\r\n"},
      {"trailing tab", "a\t\n", "a=09\r\n"},
      {"blanks inside stay", "a \t b\n", "a \t b\r\n"},
      {"leading dot", ".\n..a\n", "=2E\r\n=2E.a\r\n"},
      {"From at the start", "From me\nFromage\n From x\n", "=46rom me\r\nFromage\r\n From x\r\n"},
      {"76 columns fit", std::string(76, 'a') + "\n", std::string(76, 'a') + "\r\n"},
      {"77 are broken", std::string(77, 'a') + "\n", std::string(75, 'a') + "=\r\naa\r\n"},
      {"a dot behind a soft break", std::string(75, 'a') + ".b\n", std::string(75, 'a') + "=\r\n=2Eb\r\n"},
      {"From behind a soft break", std::string(75, 'a') + "From b\n", std::string(75, 'a') + "=\r\n=46rom b\r\n"},
      {"a blank at the end of a full line", std::string(75, 'a') + " \n", std::string(75, 'a') + "=\r\n=20\r\n"},
  };
  for (const auto& [name, text, encoded] : cases) {
    INFO(name);
    CHECK(quoted_printable(text) == encoded);
  }
}

TEST_CASE("HTML is made of the text and nothing else") {
  const std::tuple<const char*, std::string, std::string> cases[] = {
      {"a paragraph", "Hello\n", "<p>Hello</p>\n"},
      {"paragraphs", "a\n\n\nb\n", "<p>a</p>\n<p>b</p>\n"},
      {"lines", "a\nb\n", "<p>a<br>\nb</p>\n"},
      {"markup is text", "<b>&\"'</b>\n", "<p>&lt;b&gt;&amp;&quot;&#39;&lt;/b&gt;</p>\n"},
      {"a link", "see https://x.example/a?b=1&c=2.\n",
       "<p>see <a href=\"https://x.example/a?b=1&amp;c=2\">https://x.example/a?b=1&amp;c=2</a>.</p>\n"},
      {"a link in brackets", "(http://x.example)\n", "<p>(<a href=\"http://x.example\">http://x.example</a>)</p>\n"},
      {"a link ends at a quote", "https://x.example/\" onclick=\"y\n",
       "<p><a href=\"https://x.example/\">https://x.example/</a>&quot; onclick=&quot;y</p>\n"},
      {"no other scheme", "javascript:alert(1) data:text/html,x\n", "<p>javascript:alert(1) data:text/html,x</p>\n"},
      {"a scheme alone", "https:// x\n", "<p>https:// x</p>\n"},
      {"indentation stays", "  a  b\n", "<p>&#160;&#160;a &#160;b</p>\n"},
  };
  for (const auto& [name, text, paragraphs] : cases) {
    INFO(name);
    const auto html = html_alternative(text, "en");
    CHECK(html.starts_with("<!DOCTYPE html>\n<html lang=\"en\">\n"));
    const auto body = html.substr(html.find('\n', html.find("<body")) + 1);
    CHECK(body == paragraphs + "</body>\n</html>\n");
  }
  CHECK(html_alternative("a\n", "").starts_with("<!DOCTYPE html>\n<html>\n"));
}

}  // namespace ticketd
