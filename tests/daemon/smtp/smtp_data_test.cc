#include "daemon/smtp/smtp_data.h"

#include <catch2/catch.hpp>
#include <vector>

namespace ticketd {

namespace {

std::string encoded(const std::vector<std::string_view>& pieces) {
  SmtpDataEncoder encoder;
  std::string wire;
  for (const auto piece : pieces) encoder.encode(piece, wire);
  encoder.finish(wire);
  return wire;
}

struct Case {
  const char* name;
  std::string octets;
  std::string wire;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> table{
      {"nothing", "", ".\r\n"},
      {"one line", "a\r\n", "a\r\n.\r\n"},
      {"last line is open", "a", "a\r\n.\r\n"},
      {"bare LF", "a\nb\n", "a\r\nb\r\n.\r\n"},
      {"bare CR", "a\rb\r", "a\r\nb\r\n.\r\n"},
      {"LF CR is two line ends", "a\n\rb", "a\r\n\r\nb\r\n.\r\n"},
      {"CR CR LF is two line ends", "a\r\r\nb", "a\r\n\r\nb\r\n.\r\n"},
      {"CR LF LF is two line ends", "a\r\n\nb", "a\r\n\r\nb\r\n.\r\n"},
      {"empty lines", "\r\n\r\n", "\r\n\r\n.\r\n"},
      {"dot first of all", ".a\r\n", "..a\r\n.\r\n"},
      {"dot at a line's begin", "a\r\n.b\r\n", "a\r\n..b\r\n.\r\n"},
      {"dot elsewhere", "a.\r\nb.c\r\n", "a.\r\nb.c\r\n.\r\n"},
      {"several dots", "...\r\n", "....\r\n.\r\n"},
      {"a lone dot", "a\r\n.\r\nb\r\n", "a\r\n..\r\nb\r\n.\r\n"},
      {"a lone dot at the end", "a\r\n.\r\n", "a\r\n..\r\n.\r\n"},
      {"an open lone dot at the end", "a\r\n.", "a\r\n..\r\n.\r\n"},
      {"smuggling: LF dot LF", "a\n.\nMAIL FROM:<x@y>\n", "a\r\n..\r\nMAIL FROM:<x@y>\r\n.\r\n"},
      {"smuggling: LF dot CRLF", "a\n.\r\nMAIL\r\n", "a\r\n..\r\nMAIL\r\n.\r\n"},
      {"smuggling: CRLF dot LF", "a\r\n.\nMAIL\r\n", "a\r\n..\r\nMAIL\r\n.\r\n"},
      {"smuggling: CR dot CRLF", "a\r.\r\nMAIL\r\n", "a\r\n..\r\nMAIL\r\n.\r\n"},
      {"smuggling: CR dot CR", "a\r.\rMAIL\r", "a\r\n..\r\nMAIL\r\n.\r\n"},
      {"smuggling: CRLF dot CR", "a\r\n.\rMAIL", "a\r\n..\r\nMAIL\r\n.\r\n"},
      {"smuggling: CR dot LF", "a\r.\nMAIL", "a\r\n..\r\nMAIL\r\n.\r\n"},
      {"smuggling: CR CR LF dot CRLF", "a\r\r\n.\r\nMAIL", "a\r\n\r\n..\r\nMAIL\r\n.\r\n"},
      {"8-bit octets", "\xff\x80\r\n", "\xff\x80\r\n.\r\n"}};
  return table;
}

/// What a server makes of it that takes any of CR, LF, CRLF for a line end: the lines before the first lone dot.
std::size_t mails_seen_by_a_lenient_server(std::string_view wire) {
  std::size_t mails = 0;
  std::string line;
  for (const char c : wire) {
    if (c != '\r' && c != '\n') {
      line += c;
      continue;
    }
    if (line == ".") ++mails;
    line.clear();
  }
  return mails;
}

bool has_bare_line_end(std::string_view wire) {
  for (std::size_t i = 0; i < wire.size(); ++i) {
    if (wire[i] == '\n' && (i == 0 || wire[i - 1] != '\r')) return true;
    if (wire[i] == '\r' && (i + 1 == wire.size() || wire[i + 1] != '\n')) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("SMTP content, cut at every boundary") {
  for (const auto& row : cases()) {
    INFO(row.name);
    const std::string_view octets = row.octets;
    CHECK(encoded({octets}) == row.wire);
    for (std::size_t first = 0; first <= octets.size(); ++first)
      for (std::size_t second = first; second <= octets.size(); ++second) {
        INFO("cut at " << first << " and " << second);
        CHECK(encoded({octets.substr(0, first), octets.substr(first, second - first), octets.substr(second)}) ==
              row.wire);
      }
  }
}

TEST_CASE("no octets of a mail end it for any server") {
  // Every string of up to seven octets over what matters.
  const std::string_view alphabet = "\r\n.a";
  for (std::size_t length = 0; length <= 7; ++length) {
    std::size_t count = 1;
    for (std::size_t i = 0; i < length; ++i) count *= alphabet.size();
    for (std::size_t number = 0; number < count; ++number) {
      std::string octets;
      for (std::size_t i = 0, rest = number; i < length; ++i, rest /= alphabet.size())
        octets += alphabet[rest % alphabet.size()];
      const std::string wire = encoded({octets});
      const bool sound =
          mails_seen_by_a_lenient_server(wire) == 1 && wire.ends_with(".\r\n") && !has_bare_line_end(wire);
      if (!sound) FAIL("octets " << Catch::Detail::stringify(octets) << " became " << Catch::Detail::stringify(wire));
    }
  }
}

TEST_CASE("the encoder of SMTP content starts anew after finish") {
  SmtpDataEncoder encoder;
  std::string first, second;
  encoder.encode("a\r", first);
  encoder.finish(first);
  encoder.encode("\n.", second);
  encoder.finish(second);
  CHECK(second == "\r\n..\r\n.\r\n");
}

}  // namespace ticketd
