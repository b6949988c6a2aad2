#include "parsers/addresses.h"

#include <catch2/catch.hpp>

namespace ticketd {

std::ostream& operator<<(std::ostream& out, const Mailbox& mailbox) {
  return out << mailbox.display_name << " <" << mailbox.addr_spec << ">";
}

namespace {

struct Case {
  const char* name;
  std::string_view field;
  std::vector<Mailbox> mailboxes;
};

TEST_CASE("parse_addresses reads what people send") {
  const auto c = GENERATE(values<Case>({
      {"bare", "ann@a.example", {{"", "ann@a.example"}}},
      {"name and angle", "Ann Lee <ann@a.example>", {{"Ann Lee", "ann@a.example"}}},
      {"domain in lower case, local part as written", "<Ann@A.Example>", {{"", "Ann@a.example"}}},
      {"quoted name with comma and quotes", "\"Lee, \\\"A\\\"\" <a@b.c>", {{"Lee, \"A\"", "a@b.c"}}},
      {"name in a comment", "a@b.c (Ann (the) Lee)", {{"Ann (the) Lee", "a@b.c"}}},
      {"comments inside the address", "<a(x)@(y)b . c>", {{"", "a@b.c"}}},
      {"blanks around dots and @", "a @ b . c", {{"", "a@b.c"}}},
      {"unquoted dot", "Joe Q. Public <j@b.c>", {{"Joe Q. Public", "j@b.c"}}},
      {"route", "<@x.y,@z:a@b.c>", {{"", "a@b.c"}}},
      {"group", "Team: a@b.c, B <d@e.f>;, g@h.i", {{"", "a@b.c"}, {"B", "d@e.f"}, {"", "g@h.i"}}},
      {"empty group", "undisclosed-recipients:;", {}},
      {"colon in quotes is no group", "\"A: B\" <a@b.c>", {{"A: B", "a@b.c"}}},
      {"semicolons", "a@b.c; d@e.f", {{"", "a@b.c"}, {"", "d@e.f"}}},
      {"empty entries", ", a@b.c,, ,", {{"", "a@b.c"}}},
      {"no @", "MAILER-DAEMON", {{"", "MAILER-DAEMON"}}},
      {"no @ in brackets", "Mail System <MAILER-DAEMON>", {{"Mail System", "MAILER-DAEMON"}}},
      {"null path", "<>", {}},
      {"only a name", "Ann Lee", {{"Ann Lee", ""}}},
      {"only a quoted name", "\"Support\"", {{"Support", ""}}},
      {"quoted local part", "\"ann lee\"@b.c", {{"", "\"ann lee\"@b.c"}}},
      {"quoted local part with @ and comma", "<\"a@,b\"@c.d>", {{"", "\"a@,b\"@c.d"}}},
      {"name without brackets", "Big Bug bb@b.c", {{"Big Bug", "bb@b.c"}}},
      {"name behind", "<a@b.c> Ann", {{"Ann", "a@b.c"}}},
      {"double brackets", "Ann <<a@b.c>>", {{"Ann", "a@b.c"}}},
      {"second bracket has the address", "Ann <Lee> <a@b.c>", {{"Ann", "a@b.c"}}},
      {"missing bracket", "Ann <a@b.c, d@e.f", {{"Ann", "a@b.c"}, {"", "d@e.f"}}},
      {"missing quote", "\"Ann <a@b.c>", {{"Ann", "a@b.c"}}},
      {"mailto", "<mailto:a@b.c>", {{"", "a@b.c"}}},
      {"domain literal", "a@[192.0.2.1]", {{"", "a@[192.0.2.1]"}}},
      {"domain literal with colons", "<a@[IPv6:2001:db8::1]>", {{"", "a@[ipv6:2001:db8::1]"}}},
      {"encoded name", "=?utf-8?q?J=C3=B6rg?= <a@b.c>", {{"Jörg", "a@b.c"}}},
      {"comma inside an encoded word", "=?utf-8?q?Lee,_Ann?= <a@b.c>", {{"Lee, Ann", "a@b.c"}}},
      {"encoded word in quotes", "\"=?utf-8?q?a?= b\" <a@b.c>", {{"a b", "a@b.c"}}},
      {"adjacent encoded words", "=?utf-8?q?a?= =?utf-8?q?b?= <a@b.c>", {{"ab", "a@b.c"}}},
      {"all of it encoded", "=?utf-8?q?Ann_=3Ca=40b.c=3E?=", {{"Ann", "a@b.c"}}},
      {"raw UTF-8", "Jörg <jörg@b.c>", {{"Jörg", "jörg@b.c"}}},
      {"raw windows-1252", "J\xF6rg <a@b.c>", {{"Jörg", "a@b.c"}}},
      {"control characters",
       "A\x01nn\r\n <a@\x02"
       "b.c>",
       {{"A nn", "a@b.c"}}},
      {"SMTPUTF8 and IDN", "Jörg <jörg@Bücher.example>", {{"Jörg", "jörg@bücher.example"}}},
      {"A-label", "<a@XN--BCHER-KVA.example>", {{"", "a@xn--bcher-kva.example"}}},
      {"unquoted name is an address",
       "support@bank.example <evil@x.example>",
       {{"support@bank.example", "evil@x.example"}}},
      {"name is an address", "\"a@b.c\" <d@e.f>", {{"a@b.c", "d@e.f"}}},
  }));
  INFO(c.name);
  CHECK(parse_addresses(c.field, 500) == c.mailboxes);
}

TEST_CASE("parse_addresses takes off what is no part of an address") {
  const auto c = GENERATE(values<Case>({
      {"mailto in square brackets", "Joe [mailto:a@b.c]", {{"Joe", "a@b.c"}}},
      {"square brackets", "[a@b.c]", {{"", "a@b.c"}}},
      {"apostrophes", "Joe <'a@b.c'>", {{"Joe", "a@b.c"}}},
      {"bare in apostrophes", "'a@b.c'", {{"", "a@b.c"}}},
      {"an apostrophe of its own", "<'a'@b.c>, <o'b@b.c>", {{"", "'a'@b.c"}, {"", "o'b@b.c"}}},
      {"full stop behind", "Joe <a@b.c.>, a@b.c.", {{"Joe", "a@b.c"}, {"", "a@b.c"}}},
      {"quoted local part without need", "Joe <\"joe.x+1\"@b.c>", {{"Joe", "joe.x+1@b.c"}}},
      {"quoted local parts in need",
       "\"a..b\"@b.c, \"a.\"@b.c, \"\"@b.c",
       {{"", "\"a..b\"@b.c"}, {"", "\"a.\"@b.c"}, {"", "\"\"@b.c"}}},
  }));
  INFO(c.name);
  CHECK(parse_addresses(c.field, 500) == c.mailboxes);
}

TEST_CASE("parse_addresses keeps every address, however they stand beside each other") {
  const auto c = GENERATE(values<Case>({
      {"two brackets are two mailboxes", "Ann <a@b.c> <d@e.f>", {{"Ann", "a@b.c"}, {"", "d@e.f"}}},
      {"two brackets without a blank", "<a@b.c><d@e.f>", {{"", "a@b.c"}, {"", "d@e.f"}}},
      {"blanks for commas", "a@b.c d@e.f\tg@h.i", {{"", "a@b.c"}, {"", "d@e.f"}, {"", "g@h.i"}}},
      {"blanks for commas, and a name", "Ann a@b.c d@e.f", {{"Ann", "a@b.c"}, {"", "d@e.f"}}},
      {"quoted words with dots between", "\"a b\".\"c,d\"@e.f", {{"", "\"a b\".\"c,d\"@e.f"}}},
      {"comma in a comment", "a@b.c (x, y@z.z), d@e.f", {{"x, y@z.z", "a@b.c"}, {"", "d@e.f"}}},
      {"bracket in a comment", "a@b.c (<d@e.f>)", {{"<d@e.f>", "a@b.c"}}},
      {"escaped end of a comment", "a@b.c (x\\) <d@e.f>)", {{"x) <d@e.f>", "a@b.c"}}},
      {"group in a group's name", "A: \"B: c\" <a@b.c>, <d@e.f>;", {{"B: c", "a@b.c"}, {"", "d@e.f"}}},
      {"bracket without an end, twice", "Ann <a@b.c <d@e.f>", {{"Ann", "d@e.f"}}},
  }));
  INFO(c.name);
  CHECK(parse_addresses(c.field, 500) == c.mailboxes);
}

TEST_CASE("parse_addresses stops at its limit") {
  CHECK(parse_addresses("a@b, c@d, e@f", 2).size() == 2);
  CHECK(parse_addresses("a@b c@d e@f", 2).size() == 2);
  CHECK(parse_addresses("<a@b> <c@d> <e@f>", 2).size() == 2);
}

TEST_CASE("parse_addresses uses the hinted charset") {
  CHECK(parse_addresses("\xA3ukasz <a@b.c>", 9, "iso-8859-2").at(0).display_name == "Łukasz");
}

}  // namespace
}  // namespace ticketd
