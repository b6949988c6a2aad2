#include "parsers/imap_response.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace ticketd {
namespace {

std::vector<ImapResponse> read_all(std::string_view octets, std::size_t piece, const ImapLimits& limits = {}) {
  ImapResponseReader reader(limits);
  std::vector<ImapResponse> responses;
  for (std::size_t at = 0; at < octets.size(); at += piece) {
    auto part = octets.substr(at, piece);
    while (auto response = reader.next(part)) responses.push_back(std::move(*response));
  }
  CHECK_FALSE(reader.unfinished());
  return responses;
}

template <class Response>
Response read_one(std::string_view octets, const ImapLimits& limits = {}) {
  auto responses = read_all(octets, octets.size(), limits);
  REQUIRE(responses.size() == 1);
  REQUIRE(std::holds_alternative<Response>(responses[0]));
  return std::get<Response>(std::move(responses[0]));
}

Time utc(std::string_view internal_date) { return parse_internal_date(internal_date).value(); }

TEST_CASE("folders") {
  struct Case {
    const char* name;
    const char* octets;
    const char* folder;
    bool selectable;
  };
  const Case cases[] = {
      {"an atom", "* LIST (\\HasNoChildren) \"/\" INBOX\r\n", "INBOX", true},
      {"a quoted name", "* list () \".\" \"My \\\"folder\\\"\"\r\n", "My \"folder\"", true},
      {"a literal", "* LIST () \"/\" {3}\r\nA B\r\n", "A B", true},
      {"no levels", "* LIST (\\Marked) NIL Sent\r\n", "Sent", true},
      {"only to hold others", "* LIST (\\HasChildren \\NOSELECT) \"/\" [Gmail]\r\n", "[Gmail]", false},
      {"not there any more", "* LIST (\\NonExistent) \"/\" Old\r\n", "Old", false},
      {"more behind the name", "* LIST () \"/\" A (CHILDINFO (\"SUBSCRIBED\"))\r\n", "A", true},
  };
  for (const auto& c : cases) {
    INFO(c.name);
    const auto list = read_one<ImapList>(c.octets);
    CHECK(list.name == c.folder);
    CHECK(list.selectable == c.selectable);
  }
  for (const char* bad : {"* LIST\r\n", "* LIST () \"/\"\r\n", "* LIST INBOX\r\n"}) {
    INFO(bad);
    CHECK_THROWS_AS(read_one<ImapList>(bad), ImapSyntaxError);
  }
}

TEST_CASE("status responses") {
  using Kind = ImapStatus::Kind;
  struct Case {
    const char* name;
    const char* octets;
    const char* tag;
    Kind kind;
    const char* code;
    const char* argument;
    const char* text;
  };
  const Case cases[] = {
      {"tagged ok", "A1 OK done\r\n", "A1", Kind::ok, "", "", "done"},
      {"tagged without text", "A1 OK\r\n", "A1", Kind::ok, "", "", ""},
      {"lower case", "a2 no [trycreate] there is none\r\n", "a2", Kind::no, "TRYCREATE", "", "there is none"},
      {"bad", "A3 BAD what\r\n", "A3", Kind::bad, "", "", "what"},
      {"uidvalidity", "* OK [UIDVALIDITY 3857529045] UIDs valid\r\n", "", Kind::ok, "UIDVALIDITY", "3857529045",
       "UIDs valid"},
      {"permanent flags", "* OK [PERMANENTFLAGS (\\Deleted \\*)] Limited\r\n", "", Kind::ok, "PERMANENTFLAGS",
       "(\\Deleted \\*)", "Limited"},
      {"read only", "A4 OK [READ-ONLY] EXAMINE\r\n", "A4", Kind::ok, "READ-ONLY", "", "EXAMINE"},
      {"unavailable", "A5 NO [UNAVAILABLE] later\r\n", "A5", Kind::no, "UNAVAILABLE", "", "later"},
      {"bye", "* BYE Logging out\r\n", "", Kind::bye, "", "", "Logging out"},
      {"preauth", "* PREAUTH hello\r\n", "", Kind::preauth, "", "", "hello"},
      {"unclosed code is text", "* OK [ALERT text\r\n", "", Kind::ok, "", "", "[ALERT text"},
      {"a text that looks like a literal", "* OK see {5}\r\n", "", Kind::ok, "", "", "see {5}"},
      {"a tagged text that looks like a literal", "A6 OK see {5}\r\n", "A6", Kind::ok, "", "", "see {5}"},
  };
  for (const auto& c : cases) {
    INFO(c.name);
    const auto status = read_one<ImapStatus>(c.octets);
    CHECK(status.tag == c.tag);
    CHECK(status.kind == c.kind);
    CHECK(status.code.name == c.code);
    CHECK(status.code.argument == c.argument);
    CHECK(status.text == c.text);
  }
}

TEST_CASE("code numbers and COPYUID") {
  CHECK(read_one<ImapStatus>("* OK [UIDNEXT 4392] x\r\n").code.number() == 4392u);
  CHECK_FALSE(read_one<ImapStatus>("* OK [UIDNEXT 0] x\r\n").code.number());
  CHECK_FALSE(read_one<ImapStatus>("* OK [UIDNEXT 4294967296] x\r\n").code.number());
  CHECK_FALSE(read_one<ImapStatus>("* OK [UIDNEXT 12x] x\r\n").code.number());
  const auto receipt =
      parse_copy_uid(read_one<ImapStatus>("* OK [COPYUID 38505 304,319:320 3956:3958] moved\r\n").code);
  REQUIRE(receipt);
  CHECK(receipt->uid_validity == 38505);
  CHECK(receipt->from == std::vector<SequenceRange>{{304, 304}, {319, 320}});
  CHECK(receipt->to == std::vector<SequenceRange>{{3956, 3958}});
  CHECK_FALSE(parse_copy_uid(read_one<ImapStatus>("A OK [COPYUID 38505 304] x\r\n").code));
  CHECK_FALSE(parse_copy_uid(read_one<ImapStatus>("A OK done\r\n").code));
}

TEST_CASE("counts, capabilities and continuations") {
  CHECK(read_one<ImapExists>("* 23 EXISTS\r\n").count == 23);
  CHECK(read_one<ImapExists>("* 0 exists\r\n").count == 0);
  CHECK(read_one<ImapExpunge>("* 44 EXPUNGE\r\n").sequence_number == 44);
  CHECK(read_one<ImapOther>("* 5 RECENT\r\n").name == "RECENT");
  CHECK(read_one<ImapOther>("* FLAGS (\\Answered $x[y)\r\n").name == "FLAGS");
  CHECK(read_one<ImapCapabilities>("* CAPABILITY IMAP4rev1 idle UIDPLUS \r\n").names ==
        std::vector<std::string>{"IMAP4REV1", "IDLE", "UIDPLUS"});
  CHECK(read_one<ImapContinuation>("+ idling\r\n").text == "idling");
  CHECK(read_one<ImapContinuation>("+\r\n").text.empty());
}

TEST_CASE("SEARCH, ESEARCH and VANISHED") {
  CHECK(read_one<ImapSearch>("* SEARCH 2 84 882\r\n").numbers == std::vector<std::uint32_t>{2, 84, 882});
  CHECK(read_one<ImapSearch>("* SEARCH\r\n").numbers.empty());
  CHECK(read_one<ImapSearch>("* SEARCH 7 (MODSEQ 917162500)\r\n").numbers == std::vector<std::uint32_t>{7});
  const auto search = read_one<ImapEsearch>("* ESEARCH (TAG \"A282\") UID MIN 2 COUNT 3 ALL 2,10:11\r\n");
  CHECK(search.tag == "A282");
  CHECK(search.uid);
  CHECK(search.all == std::vector<SequenceRange>{{2, 2}, {10, 11}});
  CHECK(read_one<ImapEsearch>("* ESEARCH (TAG \"A1\") UID\r\n").all.empty());
  const auto vanished = read_one<ImapVanished>("* VANISHED (EARLIER) 41,43:116\r\n");
  CHECK(vanished.earlier);
  CHECK(vanished.uids == std::vector<SequenceRange>{{41, 41}, {43, 116}});
}

TEST_CASE("FETCH") {
  const auto fetch = read_one<ImapFetch>(
      "* 12 FETCH (UID 77 INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 10 FLAGS (\\Seen $Foo) "
      "BODY[] {10}\r\nA: b\r\n\r\nhi)\r\n");
  CHECK(fetch.sequence_number == 12);
  CHECK(fetch.uid == 77u);
  CHECK(fetch.internal_date == utc("17-Jul-1996 09:44:25 +0000"));
  CHECK(fetch.rfc822_size == 10u);
  CHECK(fetch.flags == std::vector<std::string>{"\\Seen", "$Foo"});
  REQUIRE(fetch.body);
  CHECK(fetch.body->octets == "A: b\r\n\r\nhi");
  CHECK(fetch.body->size == 10);
}

TEST_CASE("FETCH bodies in every form") {
  struct Case {
    const char* name;
    const char* octets;
    std::optional<std::string> body;
  };
  const Case cases[] = {
      {"NIL", "* 1 FETCH (BODY[] NIL UID 5)\r\n", std::nullopt},
      {"quoted", "* 1 FETCH (UID 5 BODY[] \"a \\\"b\\\\c\\\" {3}\")\r\n", "a \"b\\c\" {3}"},
      {"empty literal", "* 1 FETCH (UID 5 BODY[] {0}\r\n)\r\n", ""},
      {"empty quoted", "* 1 FETCH (UID 5 BODY[] \"\")\r\n", ""},
      {"none", "* 1 FETCH (UID 5 FLAGS ())\r\n", std::nullopt},
      {"literal8", "* 1 FETCH (UID 5 BODY[] ~{3}\r\na\nb)\r\n", "a\nb"},
      {"lower case", "* 1 fetch (uid 5 body[] {1}\r\nx)\r\n", "x"},
      {"a literal that looks like a tagged answer", "* 1 FETCH (UID 5 BODY[] {15}\r\nA1 OK done\r\n)\r\n)\r\n",
       "A1 OK done\r\n)\r\n"},
      {"another literal before it", "* 1 FETCH (ENVELOPE ({3}\r\nabc NIL (\"x\")) BODY[] {2}\r\nyz UID 5)\r\n", "yz"},
      {"another section before it", "* 1 FETCH (BODY[HEADER.FIELDS (TO CC)] {3}\r\nabc BODY[] {2}\r\nyz UID 5)\r\n",
       "yz"},
      {"an unknown item with a deep list", "* 1 FETCH (X-ODD (((a) \"b)\")) UID 5 BODY[] {1}\r\nz)\r\n", "z"},
  };
  for (const auto& c : cases)
    for (const std::size_t piece : {1u, 2u, 7u, 1000u}) {
      INFO(c.name << ", in pieces of " << piece);
      const auto responses = read_all(c.octets, piece);
      REQUIRE(responses.size() == 1);
      const auto& fetch = std::get<ImapFetch>(responses[0]);
      CHECK(fetch.uid == 5u);
      CHECK(fetch.body.has_value() == c.body.has_value());
      if (fetch.body && c.body) CHECK(fetch.body->octets == *c.body);
    }
}

TEST_CASE("a large literal is kept only as far as the limits say") {
  ImapLimits limits;
  limits.whole_octets = 100;
  limits.head_octets = 10;
  const std::string whole = "* 1 FETCH (BODY[] {100}\r\n" + std::string(100, 'x') + ")\r\n";
  CHECK(read_one<ImapFetch>(whole, limits).body->octets.size() == 100);
  const std::string larger = "* 1 FETCH (BODY[] {101}\r\n" + std::string(101, 'x') + " UID 9)\r\n";
  for (const std::size_t piece : {1u, 9u, 10u, 11u, 1000u}) {
    const auto responses = read_all(larger, piece, limits);
    REQUIRE(responses.size() == 1);
    const auto& fetch = std::get<ImapFetch>(responses[0]);
    CHECK(fetch.uid == 9u);
    CHECK(fetch.body->octets == std::string(10, 'x'));
    CHECK(fetch.body->size == 101);
  }
  const std::string two =
      "* 1 FETCH (X {90}\r\n" + std::string(90, 'x') + " BODY[] {90}\r\n" + std::string(90, 'y') + ")\r\n";
  CHECK(read_one<ImapFetch>(two, limits).body->octets == std::string(10, 'y'));
}

TEST_CASE("responses that are refused") {
  ImapLimits limits;
  limits.line_octets = 1000;
  limits.literals = 2;
  struct Case {
    const char* name;
    std::string octets;
  };
  const Case cases[] = {
      {"a literal beyond the limit", "* 1 FETCH (BODY[] {4294967295}\r\n"},
      {"a literal beyond any number", "* 1 FETCH (BODY[] {99999999999999999999}\r\n"},
      {"too many literals", "* 1 FETCH (A {0}\r\n B {0}\r\n C {0}\r\n)\r\n"},
      {"a line without end", "* OK " + std::string(1000, 'x')},
      {"a bare line feed", "* OK hello\n"},
      {"an empty line", "\r\n"},
      {"neither tagged nor untagged", "HTTP/1.1 400 Bad Request\r\n"},
      {"a tagged bye", "A1 BYE\r\n"},
      {"a list that ends too early", "* 1 FETCH (UID 5\r\n"},
      {"something behind the list", "* 1 FETCH (UID 5) x\r\n"},
      {"an unfinished quoted string", "* 1 FETCH (BODY[] \"abc)\r\n"},
      {"a UID that is none", "* 1 FETCH (UID x)\r\n"},
      {"a UID beyond 32 bits", "* 1 FETCH (UID 4294967296)\r\n"},
      {"a body that is an atom", "* 1 FETCH (BODY[] abc)\r\n"},
      {"an ESEARCH set that is none", "* ESEARCH UID ALL 1:*\r\n"},
      {"an untagged response without a name", "* \r\n"},
      {"an unclosed section", "* 1 FETCH (BODY[HEADER \"x\")\r\n"},
  };
  for (const auto& c : cases) {
    INFO(c.name);
    ImapResponseReader reader(limits);
    std::string_view octets = c.octets;
    CHECK_THROWS_AS((void)reader.next(octets), ImapSyntaxError);
  }
}

TEST_CASE("a stream of responses is cut the same way wherever the network cuts it") {
  const std::string stream =
      "* 2 EXISTS\r\n* 1 FETCH (UID 1 BODY[] {5}\r\na)\r\nb)\r\n* 2 FETCH (FLAGS (\\Seen))\r\nA1 OK done\r\n+ go\r\n";
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    INFO(piece);
    const auto responses = read_all(stream, piece);
    REQUIRE(responses.size() == 5);
    CHECK(std::get<ImapFetch>(responses[1]).body->octets == "a)\r\nb");
    CHECK(std::get<ImapStatus>(responses[3]).tag == "A1");
  }
}

TEST_CASE("INTERNALDATE") {
  struct Case {
    const char* name;
    const char* text;
    std::optional<std::int64_t> seconds;
  };
  const Case cases[] = {
      {"utc", "01-Jan-1970 00:00:00 +0000", 0},
      {"one digit day", " 2-Jan-1970 00:00:01 +0000", 86401},
      {"east of Greenwich", "01-Jan-1970 02:00:00 +0200", 0},
      {"west, half hour", "31-Dec-1969 20:30:00 -0330", 0},
      {"leap day", "29-Feb-2024 12:00:00 +0000", 1709208000},
      {"no leap day", "29-Feb-2023 12:00:00 +0000", std::nullopt},
      {"unknown month", "01-Foo-2023 12:00:00 +0000", std::nullopt},
      {"hour 24", "01-Jan-2023 24:00:00 +0000", std::nullopt},
      {"zone without sign", "01-Jan-2023 12:00:00  0000", std::nullopt},
      {"letters for digits", "01-Jan-20x3 12:00:00 +0000", std::nullopt},
      {"too short", "01-Jan-2023 12:00:00", std::nullopt},
      {"empty", "", std::nullopt},
  };
  for (const auto& c : cases) {
    INFO(c.name);
    const auto parsed = parse_internal_date(c.text);
    REQUIRE(parsed.has_value() == c.seconds.has_value());
    if (parsed) CHECK(*parsed == Time(std::chrono::seconds(*c.seconds)));
  }
  CHECK_FALSE(read_one<ImapFetch>("* 1 FETCH (UID 5 INTERNALDATE \"nonsense\")\r\n").internal_date);
}

TEST_CASE("sequence sets") {
  using Ranges = std::vector<SequenceRange>;
  CHECK(parse_sequence_set("1,5:7,9:8") == Ranges{{1, 1}, {5, 7}, {8, 9}});
  for (const char* bad : {"", "0", "1,", ",1", "1:", "1:*", "a", "1 2", "4294967296", "-1"}) {
    INFO(bad);
    CHECK_FALSE(parse_sequence_set(bad));
  }
  CHECK(expand(Ranges{{1, 3}, {4294967295u, 4294967295u}}, 4) == std::vector<std::uint32_t>{1, 2, 3, 4294967295u});
  CHECK_FALSE(expand(Ranges{{1, 4294967295u}, {1, 4294967295u}}, 1000));
  CHECK(format_sequence_set(std::vector<std::uint32_t>{1, 2, 3, 5, 7, 8}) == "1:3,5,7:8");
  CHECK(format_sequence_set({}).empty());
}

TEST_CASE("STATUS, whatever the mailbox is called and whatever else is told") {
  for (const auto* name : {"ticketd", "\"tick etd\"", "{7}\r\nticketd"}) {
    const auto status = read_one<ImapMailboxStatus>(std::string("* STATUS ") + name +
                                                    " (MESSAGES 3 X-GUID (a b) uidnext 12 UIDVALIDITY 7 UNSEEN 1)\r\n");
    CHECK(status.messages == 3U);
    CHECK(status.uid_next == 12U);
    CHECK(status.uid_validity == 7U);
  }
  const auto poor = read_one<ImapMailboxStatus>("* STATUS ticketd ()\r\n");
  CHECK_FALSE(poor.messages);
  CHECK_FALSE(poor.uid_next);
}

}  // namespace
}  // namespace ticketd
