#include "parsers/parameters.h"

#include <catch2/catch.hpp>

#include "parsers/message_ids.h"

namespace ticketd {
namespace {

struct Case {
  const char* name;
  std::string_view field;
  std::string_view value;
  std::string_view parameter;
  std::string_view text;
};

TEST_CASE("parse_parameterized") {
  const auto c = GENERATE(values<Case>({
      {"plain", "Text/Plain; charset=utf-8", "text/plain", "charset", "utf-8"},
      {"blanks and comments", "(a) text (b) / plain ; charset =us-ascii (c)", "text/plain", "charset", "us-ascii"},
      {"quoted with semicolon", "multipart/mixed; boundary=\"a;b\"; x=y", "multipart/mixed", "boundary", "a;b"},
      {"escaped quote", "a/b; filename=\"a\\\"b\"", "a/b", "filename", "a\"b"},
      {"Windows path", "attachment; filename=\"C:\\TEMP\\x.png\"", "attachment", "filename", "C:\\TEMP\\x.png"},
      {"missing semicolons", "multipart/mixed boundary=\"x\" a=b", "multipart/mixed", "boundary", "x"},
      {"empty parameters", "a/b ;;; = ;; name=\"v\"", "a/b", "name", "v"},
      {"only parameters", "; filename=a.png", "", "filename", "a.png"},
      {"unquoted blanks", "a/b; name=This is a test.txt", "a/b", "name", "This is a test.txt"},
      {"unquoted parentheses of a file", "a/b; name=report (1).txt", "a/b", "name", "report (1).txt"},
      {"unclosed quote", "a/b; name=\"x.txt", "a/b", "name", "x.txt"},
      {"no value", "a/b; name=", "a/b", "name", ""},
      {"RFC 2231", "a/b; title*=us-ascii'en'This%20is%2A", "a/b", "title", "This is*"},
      {"RFC 2231 charset", "a/b; name*=iso-8859-1''Fr%F6sche.txt", "a/b", "name", "Frösche.txt"},
      {"continued", "a/b; u*0=\"ftp://\"; u*1=\"x.y\"", "a/b", "u", "ftp://x.y"},
      {"continued, any order", "a/b; n*2=c; n*0=a; n*1=b", "a/b", "n", "abc"},
      {"continued and encoded", "a/b; t*0*=utf-8''%C3; t*1*=%A4; t*2=\"%20\"", "a/b", "t", "ä%20"},
      {"continued with a gap", "a/b; n*0=a; n*2=c", "a/b", "n", "ac"},
      {"the charset in every section", "a/b; n*0*=utf-8''%C3; n*1*=utf-8''%A4; n*2*=utf-8'x", "a/b", "n", "äx"},
      {"a number twice", "a/b; n*0=a; n*0=x; n*1=b", "a/b", "n", "ab"},
      {"RFC 2231 wins", "a/b; name=old; name*=utf-8''new", "a/b", "name", "new"},
      {"the first wins", "a/b; name=first; name=second", "a/b", "name", "first"},
      {"broken percent", "a/b; n*=utf-8''a%2", "a/b", "n", "a%2"},
      {"extended without charset", "a/b; n*=abc%20d", "a/b", "n", "abc d"},
      {"RFC 2047 in quotes", "a/b; name=\"=?utf-8?q?=C3=A4?= =?utf-8?q?b?=.txt\"", "a/b", "name", "äb.txt"},
      {"RFC 2047 unquoted", "a/b; name==?utf-8?b?w6Q=?=.gif", "a/b", "name", "ä.gif"},
      {"raw UTF-8", "a/b; name=\"ä.txt\"", "a/b", "name", "ä.txt"},
      {"no type", "/x; a=b", "", "a", "b"},
      {"nothing", "", "", "a", ""},
  }));
  INFO(c.name);
  const auto parsed = parse_parameterized(c.field);
  CHECK(parsed.value == c.value);
  CHECK(parsed.text(c.parameter) == c.text);
  CHECK((parsed.octets("absent") == nullptr));
}

struct IdCase {
  const char* name;
  std::string_view field;
  std::vector<std::string> ids;
};

TEST_CASE("parse_message_ids") {
  const auto c = GENERATE(values<IdCase>({
      {"one", "<a@b>", {"a@b"}},
      {"several", "<a@b> <c@d>\t<e@f>", {"a@b", "c@d", "e@f"}},
      {"not separated", "<a@b><c@d>", {"a@b", "c@d"}},
      {"blanks and comments inside", "<a @ b(x) .c>", {"a@b.c"}},
      {"prose before", "Your message of Monday <a@b> (was: x)", {"a@b"}},
      {"missing closing bracket", "<a@b <c@d>", {"a@b", "c@d"}},
      {"double brackets", "<<a@b>>", {"a@b"}},
      {"without @", "<abc>", {"abc"}},
      {"no brackets", "a@b", {"a@b"}},
      {"no brackets, two", "a@b c@d", {"a@b", "c@d"}},
      {"no brackets, one word", "  m ", {"m"}},
      {"prose only", "message from a@b today", {}},
      {"empty brackets", "<>", {}},
      {"nothing", "", {}},
      {"raw octets", "<\xFC@b>", {"ü@b"}},
      {"the last ones count", "<1@x> <2@x> <3@x> <4@x>", {"2@x", "3@x", "4@x"}},
  }));
  INFO(c.name);
  CHECK(parse_message_ids(c.field, 3) == c.ids);
}

}  // namespace
}  // namespace ticketd
