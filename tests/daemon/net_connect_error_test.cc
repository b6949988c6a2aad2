#include <catch2/catch.hpp>

#include "daemon/net/connect_error.h"

namespace ticketd {
namespace {

using Kind = NetError::Kind;

TEST_CASE("failed connections") {
  struct Case {
    const char* name;
    int curl_code;  ///< curl.h
    const char* url;
    const char* transcript;
    Kind kind;
    const char* words;
  };
  const Case cases[] = {
      {"refused", 7, "imaps://mail.example", "", Kind::unreachable, "connect"},
      {"unknown host", 6, "imaps://mail.example", "", Kind::unreachable, "resolve"},
      {"reset at the login", 56, "imaps://mail.example", "* BYE too many\r\n", Kind::unreachable, "\"BYE too many\""},
      {"silent", 28, "imaps://mail.example", "", Kind::timeout, "no answer within 30 s"},
      {"TLS port without TLS", 28, "imap://mail.example:993", "", Kind::timeout, "imaps://"},
      {"plain port with TLS", 35, "smtps://mail.example:25", "", Kind::tls, "smtp://"},
      {"unknown authority", 60, "imaps://mail.example", "", Kind::tls, "ca_file"},
      {"no STARTTLS", 64, "smtp://mail.example", "", Kind::tls, "STARTTLS"},
      {"IMAP login", 67, "imaps://mail.example", "* OK hi\r\nA002 NO [AUTHENTICATIONFAILED] no\r\n", Kind::login,
       "AUTHENTICATIONFAILED"},
      {"IMAP login, for now", 67, "imaps://mail.example", "A002 NO [UNAVAILABLE] wait\r\n", Kind::unreachable, "wait"},
      {"SMTP login", 67, "smtp://mail.example", "220 hi\r\n535 5.7.8 no\r\n", Kind::login, "535 5.7.8 no"},
      {"SMTP login, for now", 67, "smtp://mail.example", "454 4.7.0 wait\r\n", Kind::unreachable, "454 4.7.0 wait"},
      {"SMTP greeting, for now", 8, "smtp://mail.example", "421 busy\r\n", Kind::unreachable, "421 busy"},
      {"SMTP greeting, for good", 8, "smtp://mail.example", "554 go away\r\n", Kind::protocol, "554 go away"},
      {"control characters", 67, "smtp://mail.example", "535 \x1b[31mno\r\n", Kind::login, "[31mno"},
  };
  for (const auto& c : cases) {
    INFO(c.name);
    const auto error = connect_error({c.curl_code, "", c.url, c.transcript, std::chrono::seconds{30}});
    CHECK(error.kind() == c.kind);
    CHECK_THAT(error.what(), Catch::Contains(c.words));
    CHECK(std::string_view(error.what()).find('\x1b') == std::string_view::npos);
  }
}

TEST_CASE("no credential in a text") {
  CHECK(public_url("imaps://user:secret@mail.example:993/x") == "imaps://mail.example:993/x");
  CHECK(public_url("imaps://a@b:c@mail.example") == "imaps://mail.example");
  CHECK(public_url("imaps://mail.example/a@b") == "imaps://mail.example/a@b");
  CHECK(public_url("nonsense") == "nonsense");
}

TEST_CASE("what a server quotes of a login is not passed on") {
  const auto says = [](const char* words) {
    const std::string transcript = std::string("A002 NO ") + words + "\r\n";
    ConnectReport report{67, "", "imaps://mail.example", transcript, std::chrono::seconds{30}};
    report.secrets = {"pa\"ss-word", ""};
    const std::string text = connect_error(report).what();
    return text.substr(text.find("NO ") + 3);
  };
  CHECK(says("bad password pa\"ss-word") == "bad password ***\"");
  CHECK(says(R"(bad command LOGIN jane "pa\"ss-word")") == "bad command LOGIN jane \"***\"\"");
  CHECK(says("in: AUTHENTICATE PLAIN AGphbmUAcGEic3Mtd29yZA==.") == "in: AUTHENTICATE PLAIN ***.\"");
  CHECK(says("in: cGEic3Mtd29yZA==") == "in: ***\"");
  CHECK(says("[AUTHENTICATIONFAILED] Authentication failed.") == "[AUTHENTICATIONFAILED] Authentication failed.\"");
  CHECK(says((std::string(250, 'x') + " pa\"ss-word and more of it that is cut off behind").c_str()).find("word") ==
        std::string::npos);
}

TEST_CASE("what a transcript tells") {
  CHECK(is_preauth("* PREAUTH hello\r\n"));
  CHECK_FALSE(is_preauth("* OK PREAUTH\r\n"));
  CHECK(smtp_login_accepted("250 AUTH PLAIN\r\n235 2.7.0 ok\r\n"));
  CHECK_FALSE(smtp_login_accepted("250 235\r\n"));
  CHECK(offers_login_command_only("* CAPABILITY IMAP4rev1\r\n"));
  CHECK_FALSE(offers_login_command_only("* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n"));
  CHECK_FALSE(offers_login_command_only("* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n"));
  CHECK_FALSE(offers_login_command_only(""));
  CHECK(refusal_in("A1 NO one\r\nA2 OK\r\n", false) == "NO one");
  CHECK(refusal_in("* NO untagged\r\n", false).empty());
}

}  // namespace
}  // namespace ticketd
