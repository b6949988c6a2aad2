#include "parsers/smtp_reply.h"

#include <catch2/catch.hpp>

namespace ticketd {

namespace {

using State = SmtpReplyParser::State;

/// Feeds `octets` in pieces of `piece` and gives all complete replies.
std::vector<SmtpReply> read_all(SmtpReplyParser& parser, std::string_view octets, std::size_t piece) {
  std::vector<SmtpReply> replies;
  for (std::size_t at = 0; at < octets.size() && parser.state() != State::malformed;) {
    at += parser.feed(octets.substr(at, piece));
    if (parser.state() == State::complete) replies.push_back(parser.take());
  }
  return replies;
}

struct GoodReply {
  const char* name;
  std::string octets;
  int code;
  const char* enhanced;
  std::vector<std::string> lines;
};

const std::vector<GoodReply>& good_replies() {
  static const std::vector<GoodReply> cases{
      {"one line", "250 OK\r\n", 250, "", {"OK"}},
      {"bare code", "250\r\n", 250, "", {""}},
      {"code and a space", "354 \r\n", 354, "", {""}},
      {"multi-line", "250-one\r\n250-two\r\n250 three\r\n", 250, "", {"one", "two", "three"}},
      {"last line is a bare code", "250-one\r\n250\r\n", 250, "", {"one", ""}},
      {"LF alone ends a line too", "250-one\n250 two\n", 250, "", {"one", "two"}},
      {"enhanced status", "550 5.1.1 no such user\r\n", 550, "5.1.1", {"5.1.1 no such user"}},
      {"enhanced status alone", "250 2.0.0\r\n", 250, "2.0.0", {"2.0.0"}},
      {"three digits each", "450 4.123.456 later\r\n", 450, "4.123.456", {"4.123.456 later"}},
      {"enhanced status of the last line", "550-5.1.0 a\r\n550 5.1.2 b\r\n", 550, "5.1.2", {"5.1.0 a", "5.1.2 b"}},
      {"enhanced class must fit the code", "450 5.1.1 hm\r\n", 450, "", {"5.1.1 hm"}},
      {"no class 1 or 3", "354 3.0.0 go\r\n", 354, "3.0.0", {"3.0.0 go"}},
      {"too many digits", "550 5.1.1234 x\r\n", 550, "", {"5.1.1234 x"}},
      {"a version number is no status", "550 5.1.1beta\r\n", 550, "", {"5.1.1beta"}},
      {"missing detail", "550 5.1. x\r\n", 550, "", {"5.1. x"}},
      {"control characters",
       "550 a\x1b[31m\tb\rc\x7f\r\n",
       550,
       "",
       {"a\xef\xbf\xbd[31m b\xef\xbf\xbd"
        "c\xef\xbf\xbd"}},
      {"UTF-8", "550 gr\xc3\xbc\xc3\x9f\r\n", 550, "", {"gr\xc3\xbc\xc3\x9f"}},
      {"no UTF-8", "550 \xfc\r\n", 550, "", {"\xef\xbf\xbd"}},
      {"lowest and highest code", "200 x\r\n", 200, "", {"x"}},
      {"highest code", "559 x\r\n", 559, "", {"x"}}};
  return cases;
}

}  // namespace

TEST_CASE("well-formed SMTP replies are read from pieces of every size") {
  for (const auto& row : good_replies()) {
    for (std::size_t piece = 1; piece <= row.octets.size(); ++piece) {
      INFO(row.name << ", pieces of " << piece);
      SmtpReplyParser parser;
      const auto replies = read_all(parser, row.octets, piece);
      REQUIRE(replies.size() == 1);
      CHECK(replies[0].code == row.code);
      CHECK(replies[0].enhanced == row.enhanced);
      CHECK(replies[0].lines == row.lines);
      CHECK(parser.idle());
    }
  }
}

TEST_CASE("a NUL in an SMTP reply becomes printable") {
  SmtpReplyParser parser;
  const auto replies = read_all(parser, std::string_view("250 a\0b\r\n", 9), 100);
  REQUIRE(replies.size() == 1);
  CHECK(replies[0].lines[0] ==
        "a\xef\xbf\xbd"
        "b");
}

TEST_CASE("malformed SMTP replies are refused") {
  const std::vector<std::pair<const char*, std::string>> cases{
      {"empty line", "\r\n"},
      {"no code", "hello\r\n"},
      {"code of two digits", "25 OK\r\n"},
      {"code of four digits", "2500 OK\r\n"},
      {"class 1", "150 x\r\n"},
      {"class 6", "650 x\r\n"},
      {"second digit 6", "260 x\r\n"},
      {"letter in the code", "25O x\r\n"},
      {"space before the code", " 250 x\r\n"},
      {"other separator", "250+x\r\n"},
      {"code changes", "250-one\r\n251 two\r\n"},
      {"junk between lines", "250-one\r\nHTTP/1.1 400\r\n250 two\r\n"},
  };
  for (const auto& [name, octets] : cases) {
    INFO(name);
    SmtpReplyParser parser;
    CHECK(read_all(parser, octets, 3).empty());
    CHECK(parser.state() == State::malformed);
    CHECK_FALSE(parser.defect().empty());
    CHECK(parser.feed("250 OK\r\n") == 0);  // it stays malformed
  }
}

TEST_CASE("SMTP replies are bounded in lines and in their length") {
  const std::string longest = "250 " + std::string(SmtpReplyParser::kMaxLine - 6, 'x') + "\r\n";
  std::string most_lines;
  for (std::size_t i = 1; i < SmtpReplyParser::kMaxLines; ++i) most_lines += "250-x\r\n";

  SmtpReplyParser line, too_long, lines, too_many, endless;
  CHECK(read_all(line, longest, 100).size() == 1);
  CHECK(read_all(too_long, "250 x" + longest.substr(4), 100).empty());
  CHECK(too_long.state() == State::malformed);
  CHECK(read_all(lines, most_lines + "250 x\r\n", 100).size() == 1);
  CHECK(read_all(too_many, most_lines + "250-x\r\n250 x\r\n", 100).empty());
  CHECK(too_many.state() == State::malformed);
  CHECK(read_all(endless, std::string(10'240, '2'), 1000).empty());
  CHECK(endless.state() == State::malformed);
}

TEST_CASE("several replies in one piece come out one by one") {
  SmtpReplyParser parser;
  const std::string octets = "250 a\r\n550-b\r\n550 c\r\n354 d\r\n25";
  const auto replies = read_all(parser, octets, octets.size());
  REQUIRE(replies.size() == 3);
  CHECK(replies[1].lines == std::vector<std::string>{"b", "c"});
  CHECK(replies[2].intermediate());
  CHECK_FALSE(parser.idle());
}

TEST_CASE("an SMTP reply is shown in one line, cut where it is too long") {
  const SmtpReply reply{550, "5.7.1", {"5.7.1 first", "", "second"}};
  CHECK(to_string(reply) == "550 5.7.1 first second");
  CHECK(to_string(reply, 12) == "550 5.7.1...");
  CHECK(to_string({550, "", {"\xc3\xa4\xc3\xb6\xc3\xbc"}}, 9) == "550 \xc3\xa4...");
}

TEST_CASE("EHLO's extensions") {
  const auto offered = [](std::vector<std::string> lines) {
    return parse_smtp_extensions({250, "", std::move(lines)});
  };
  const auto all =
      offered({"mx.example.com", "PIPELINING", "SIZE 1000", "8bitmime", "SmtpUtf8", "DSN", "ENHANCEDSTATUSCODES"});
  CHECK((all.pipelining && all.size && all.eight_bit_mime && all.smtp_utf8 && all.dsn && all.enhanced_status_codes));
  CHECK(all.max_size == 1000);
  CHECK_FALSE(offered({"PIPELINING"}).pipelining);  // the first line is the server's name
  CHECK_FALSE(offered({"x", "PIPELININGS", "XPIPELINING"}).pipelining);
  CHECK(offered({"x", "SIZE"}).size);
  for (const char* odd : {"SIZE", "SIZE ", "SIZE 0", "SIZE -5", "SIZE 12x", "SIZE 99999999999999999999999"}) {
    INFO(odd);
    CHECK(offered({"x", odd}).max_size == 0);
  }
  CHECK_FALSE(parse_smtp_extensions({502, "", {"x", "PIPELINING"}}).pipelining);
}

}  // namespace ticketd
