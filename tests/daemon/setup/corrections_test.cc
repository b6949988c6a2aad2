#include <catch2/catch.hpp>

#include "daemon/ctl/setup/dialogue.h"
#include "tests/daemon/setup/scripted_interview.h"

namespace ticketd {
namespace {

using Kind = NetError::Kind;

const LoginTrial kNoTls{"TLS connect error: wrong version number", Kind::tls};
const LoginTrial kRefused{"the login was refused", Kind::login};
const LoginTrial kUnknownAuthority{"SSL certificate problem: unable to get local issuer certificate", Kind::tls};

/// Somebody with a refresh token at a provider of his own.
ScriptedInterview person_with_token() {
  auto person = hasty_person();
  person.answers["login"] = {"oauth2"};
  person.answers["oauth2_grant"] = {"refresh_token"};
  person.answers["oauth2_token_url"] = {"https://login.example.com/token"};
  person.answers["oauth2_client_id"] = {"id-1", "id-2"};
  person.answers["oauth2_client_secret"] = {"hush"};
  person.answers["oauth2_refresh_token"] = {"r0"};
  return person;
}

TEST_CASE("setup: Enter keeps a password that was typed") {
  struct Case {
    const char* what;
    LoginTrial trial;
    int servers_asked;
  };
  const Case cases[] = {
      {"no such server", {"no such host", Kind::unreachable}, 2},
      {"a refused login", kRefused, 1},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    auto person = hasty_person();
    person.answers["imap_password"] = {"pass-1", ""};
    person.answers["smtp_password"] = {"other", ""};
    ScriptedServers servers;
    servers.imap = {c.trial};
    servers.smtp = {c.trial};
    const auto answers = ask_for_setup(person, &servers, kSystem);
    CHECK(person.times_asked("imap_server") == c.servers_asked);
    CHECK(person.times_asked("imap_password") == 2);
    CHECK(answers.imap_password.value == "pass-1");
    CHECK(answers.smtp_password.value == "other");
    CHECK(answers.smtp.password_file == kSmtpPassword);
    CHECK(person.told.find("pass-1") == std::string::npos);
  }
}

TEST_CASE("setup: with an unusual port TLS from the start is tried first, and it is told what was taken") {
  auto person = hasty_person();
  person.answers["imap_server"] = {"mail.example.com:1143"};
  person.answers["smtp_server"] = {"mail.example.com:1025"};
  ScriptedServers servers;
  servers.imap = {kNoTls};
  servers.smtp = {kNoTls};
  const auto answers = ask_for_setup(person, &servers, kSystem);
  CHECK(answers.mailbox.server.url == "imap://mail.example.com:1143");
  CHECK(answers.smtp.url == "smtp://mail.example.com:1025");
  REQUIRE(servers.looked.size() == 2);
  CHECK(servers.looked[0].url == "imaps://mail.example.com:1143");
  CHECK(servers.looked[1].tls_required);
  CHECK(person.times_asked("imap_server") == 1);
  CHECK(person.told.find("so imap://mail.example.com:1143 is taken") != std::string::npos);
  CHECK(person.told.find("so smtp://mail.example.com:1025 is taken") != std::string::npos);
}

TEST_CASE("setup: with an unusual port, TLS that works is taken") {
  auto person = hasty_person();
  person.answers["imap_server"] = {"mail.example.com:1993"};
  ScriptedServers servers;
  const auto answers = ask_for_setup(person, &servers, kSystem);
  CHECK(answers.mailbox.server.url == "imaps://mail.example.com:1993");
  CHECK(servers.looked.size() == 1);
}

TEST_CASE("setup: where neither way of TLS works, one hears what came of each that got anywhere") {
  struct Case {
    LoginTrial second;
    const char* told;
  };
  const Case cases[] = {
      {{"the server does not offer STARTTLS", Kind::tls}, "wrong version number; the server does not offer STARTTLS\n"},
      {{"no answer", Kind::timeout}, "wrong version number\n"}};
  for (const auto& c : cases) {
    INFO(c.told);
    auto person = hasty_person();
    person.answers["imap_server"] = {"mail.example.com:1143", ""};
    ScriptedServers servers;
    servers.imap = {kNoTls, c.second};
    const auto answers = ask_for_setup(person, &servers, kSystem);
    CHECK(person.told.find("That does not work: TLS connect error: " + std::string(c.told)) != std::string::npos);
    CHECK(answers.mailbox.server.url == "imaps://mail.example.com:1143");
    CHECK(servers.looked.size() == 3);
  }
}

TEST_CASE("setup: only an authority that is not known is asked for") {
  struct Case {
    const char* error;
    bool is_asked;
  };
  const Case cases[] = {
      {"SSL certificate problem: unable to get local issuer certificate", true},
      {"SSL certificate problem: self-signed certificate in certificate chain", true},
      {"SSL certificate problem: certificate has expired", false},
      {"SSL: no alternative certificate subject name matches target host name 'mail'", false},
  };
  for (const auto& c : cases) {
    INFO(c.error);
    auto person = hasty_person();
    ScriptedServers servers;
    servers.imap = {{c.error, Kind::tls}};
    static_cast<void>(ask_for_setup(person, &servers, kSystem));
    CHECK(person.times_asked("imap_ca_file") == (c.is_asked ? 1 : 0));
    CHECK(person.times_asked("imap_server") == (c.is_asked ? 1 : 2));
  }
}

TEST_CASE("setup: without the authority's file another server is named, or all stays as it is") {
  struct Case {
    const char* wish;
    const char* server;
    const char* url;
    int servers_asked;
    int passwords_asked;  // one for another host: what was typed for the first is not for that one
    std::vector<std::string> failed;
  };
  const Case cases[] = {
      {"correct", "", "imaps://mail.example.com", 2, 2, {}},
      {"correct", "imaps://imap.example.com:1993", "imaps://imap.example.com:1993", 2, 1, {}},
      {"keep", "", "imaps://imap.example.com", 1, 1, {"The login to the IMAP server"}},
      {"", "", "imaps://imap.example.com", 1, 1, {"The login to the IMAP server"}},
  };
  for (const auto& c : cases) {
    INFO(c.wish);
    auto person = hasty_person();
    person.answers[""] = {"correct", c.wish};
    person.answers["imap_server"] = {"", c.server};
    ScriptedServers servers;
    servers.imap = {kUnknownAuthority};
    const auto answers = ask_for_setup(person, &servers, kSystem);
    CHECK(answers.mailbox.server.url == c.url);
    CHECK(answers.failed_trials == c.failed);
    CHECK(person.told.find("this server can't be believed") != std::string::npos);
    CHECK(person.times_asked("imap_server") == c.servers_asked);
    CHECK(person.times_asked("imap_user") == c.passwords_asked);
    CHECK(person.times_asked("imap_password") == c.passwords_asked);
  }
}

TEST_CASE("setup: where the relay's certificate alone is wrong, who logs in is asked for another host only") {
  const LoginTrial expired{"SSL certificate problem: certificate has expired", Kind::tls};
  struct Case {
    const char* server;
    const char* url;
    int asked;
  };
  const Case cases[] = {
      {"", "smtp://mail.example.com:587", 2},
      {"smtp://smtp.example.com:2587", "smtp://smtp.example.com:2587", 1},
  };
  for (const auto& c : cases) {
    for (const auto& trial : {kUnknownAuthority, expired}) {
      INFO(trial.error << " " << c.url);
      auto person = hasty_person();
      person.answers[""] = {"correct", "correct"};
      person.answers["smtp_server"] = {"", c.server};
      ScriptedServers servers;
      servers.smtp = {trial};
      const auto answers = ask_for_setup(person, &servers, kSystem);
      CHECK(answers.smtp.url == c.url);
      CHECK(person.times_asked("smtp_user") == c.asked);
      CHECK(person.times_asked("smtp_password") == c.asked);
      REQUIRE(servers.tried.size() == 2);
      CHECK(servers.tried[1].password == "pass-1");
    }
  }
}

TEST_CASE("setup: a token of a server that is not believed can stay untried") {
  auto person = person_with_token();
  person.answers[""] = {"correct", "keep"};
  ScriptedServers servers;
  servers.tokens = {{kUnknownAuthority, {}}};
  const auto answers = ask_for_setup(person, &servers, kSystem);
  CHECK(answers.failed_trials == std::vector<std::string>{"The request for an access token"});
  CHECK(person.times_asked("oauth2_client_id") == 1);
  CHECK(servers.looked.empty());
}

TEST_CASE("setup: the other usual name is told to be one") {
  auto person = hasty_person();
  person.answers[""] = {"correct", "correct"};
  ScriptedServers servers;
  servers.imap = {{"Could not resolve host: imap.example.com", Kind::unreachable},
                  {"Could not resolve host: mail.example.com", Kind::unreachable}};
  CHECK(ask_for_setup(person, &servers, kSystem).mailbox.server.url == "imaps://mail.example.com");
  const auto first = person.told.find("Another usual name is suggested.");
  CHECK(first != std::string::npos);
  CHECK(person.told.find("Another usual name is suggested.", first + 1) == std::string::npos);
}

TEST_CASE("setup: a URL means what it says, and a bad certificate is no reason to go without") {
  struct Case {
    const char* server;
    LoginTrial trial;
  };
  const Case cases[] = {
      {"imaps://mail.example.com:1143", kNoTls},
      {"mail.example.com:1143", {"SSL certificate problem", Kind::tls}},
  };
  for (const auto& c : cases) {
    INFO(c.server);
    auto person = hasty_person();
    person.answers["imap_server"] = {c.server, ""};
    ScriptedServers servers;
    servers.imap = {c.trial};
    CHECK(ask_for_setup(person, &servers, kSystem).mailbox.server.url == "imaps://mail.example.com:1143");
    for (const auto& endpoint : servers.looked) CHECK(endpoint.url.starts_with("imaps://"));
  }
}

TEST_CASE("setup: this machine itself without TLS is reached in plain text at once") {
  auto person = hasty_person();
  person.answers["imap_server"] = {"127.0.0.1:1143"};
  person.answers["imap_tls"] = {"none"};
  ScriptedServers servers;
  const auto answers = ask_for_setup(person, &servers, kSystem);
  CHECK(answers.mailbox.server.url == "imap://127.0.0.1:1143");
  CHECK_FALSE(answers.mailbox.server.tls_required);
  CHECK(servers.looked.size() == 1);
}

TEST_CASE("setup: nobody is told of a key of the configuration that was not asked for") {
  auto person = hasty_person();
  ScriptedServers servers;
  servers.imap = {
      {"SSL certificate problem (a certificate authority of your own goes into ca_file): self-signed", Kind::tls}};
  static_cast<void>(ask_for_setup(person, &servers, kSystem));
  CHECK(person.told.find("That does not work: SSL certificate problem: self-signed") != std::string::npos);
  CHECK(person.told.find("goes into") == std::string::npos);
}

TEST_CASE("setup: a token that the IMAP server refuses leads to OAuth 2 again, with the newest refresh token") {
  auto person = person_with_token();
  ScriptedServers servers;
  servers.tokens = {{{}, {"access-1", "r1", {}, ""}}, {{}, {"access-2", "r2", {}, ""}}};
  servers.imap = {kRefused};
  int replaced = 0;
  auto options = kSystem;
  options.on_new_refresh_token = [&replaced] { ++replaced; };
  const auto answers = ask_for_setup(person, &servers, options);
  CHECK(replaced == 2);
  REQUIRE(servers.asked_with.size() == 2);
  CHECK(servers.asked_with[1].refresh_token == "r1");
  REQUIRE(servers.looked.size() == 2);
  CHECK(servers.looked[1].bearer == "access-2");
  CHECK(answers.mailbox.server.oauth2->client_id == "id-2");
  CHECK(answers.smtp.oauth2->client_id == "id-2");
  CHECK(answers.refresh_token.value == "r2");
}

TEST_CASE("setup: a token that the relay refuses can be corrected too, and the mailbox is tried with it") {
  auto person = person_with_token();
  ScriptedServers servers;
  servers.smtp = {kRefused};
  const auto answers = ask_for_setup(person, &servers, kSystem);
  CHECK(servers.asked_with.size() == 2);
  CHECK(servers.looked.size() == 2);
  CHECK(servers.tried.size() == 2);
  CHECK(answers.mailbox.server.oauth2->client_id == "id-2");
  CHECK(answers.smtp.oauth2->client_id == "id-2");
}

TEST_CASE("setup: the tenant can be corrected, and is suggested") {
  auto person = hasty_person();
  person.answers["provider"] = {"microsoft365"};
  person.answers["oauth2_client_id"] = {"id-1", ""};
  person.answers["oauth2_client_secret"] = {"hush", ""};
  person.answers["oauth2_tenant"] = {"contoso.example", "", "fabrikam.example"};
  ScriptedServers servers;
  servers.tokens = {{{"invalid_client", Kind::login}, {}}};
  servers.imap = {kRefused};
  const auto answers = ask_for_setup(person, &servers, kSystem);
  CHECK(person.times_asked("oauth2_tenant") == 3);
  CHECK(answers.mailbox.server.oauth2->token_url ==
        "https://login.microsoftonline.com/fabrikam.example/oauth2/v2.0/token");
  CHECK(servers.asked_with[2].client_secret == "hush");
}

TEST_CASE("setup: a relay of one's own may want a password where the mailbox takes tokens") {
  auto person = person_with_token();
  person.answers["smtp_login"] = {"password"};
  person.answers["smtp_password"] = {"other"};
  ScriptedServers servers;
  const auto answers = ask_for_setup(person, &servers, kSystem);
  CHECK_FALSE(answers.smtp.oauth2);
  CHECK(answers.smtp.password_file == kSmtpPassword);
  REQUIRE(servers.tried.size() == 1);
  CHECK(servers.tried[0].password == "other");
  CHECK(servers.tried[0].bearer.empty());
}

TEST_CASE("setup: Microsoft 365 is told once to take no passwords, and asks for none") {
  auto person = hasty_person();
  person.answers["provider"] = {"microsoft365"};
  person.answers["oauth2_client_id"] = {"id-1"};
  person.answers["oauth2_client_secret"] = {"hush"};
  person.answers["oauth2_tenant"] = {"contoso.example"};
  ScriptedServers servers;
  servers.imap = {kRefused};
  static_cast<void>(ask_for_setup(person, &servers, kSystem));
  CHECK(person.times_asked("login") == 0);
  const auto first = person.told.find("basic authentication");
  CHECK(first != std::string::npos);
  CHECK(person.told.find("basic authentication", first + 1) == std::string::npos);
  CHECK(person.told.find("whether the application may use the mailbox") != std::string::npos);
  CHECK(person.told.find("app password that") == std::string::npos);
}

TEST_CASE("setup: a personal account at Microsoft has no tenant of its own") {
  auto person = hasty_person();
  person.answers["address"] = {"desk@outlook.com"};
  person.answers["oauth2_client_id"] = {"id-1"};
  person.answers["oauth2_refresh_token"] = {"r0"};
  ScriptedServers servers;
  const auto& oauth2 = ask_for_setup(person, &servers, kSystem).mailbox.server.oauth2;
  REQUIRE(oauth2);
  CHECK(oauth2->grant == "refresh_token");
  CHECK(oauth2->token_url == "https://login.microsoftonline.com/consumers/oauth2/v2.0/token");
  CHECK(oauth2->client_secret_file.empty());
}

TEST_CASE("setup: who has no account here has no user name, and one that is missing is told") {
  auto person = hasty_person();
  person.answers["staff_login"] = {"none"};
  CHECK(ask_for_setup(person, nullptr, kSystem).member.login.empty());
  auto options = kSystem;
  options.machine.has_user = [](const std::string& name) { return name == "bob"; };
  auto other = hasty_person();
  CHECK(ask_for_setup(other, nullptr, options).member.login == "ann");
  CHECK(other.told.find("There is no user ann on this machine yet") != std::string::npos);
}

TEST_CASE("setup: what other files of the configuration have is told at the question") {
  auto person = hasty_person();
  person.answers["staff_name"] = {"bob", "Ann"};
  person.answers["staff_email"] = {"Bob@example.com", "ann@example.com"};
  person.answers["staff_login"] = {"bob", "ann"};
  auto options = kSystem;
  options.taken = {{"support"}, {"Bob"}, {"bob@example.com"}, {"bob"}, {}};
  CHECK(ask_for_setup(person, nullptr, options).mailbox.name == "support-2");
  CHECK(person.faults ==
        std::vector<std::string>{"staff_name: another [[staff]] of the configuration has it already",
                                 "staff_email: another [[staff]] of the configuration has it already",
                                 "staff_login: another [[staff]] of the configuration has it already"});
}

TEST_CASE("setup: calls go to the staff member's address, or to another one") {
  auto person = hasty_person();
  auto answers = ask_for_setup(person, nullptr, kSystem);
  CHECK(answers.member.page.empty());
  CHECK(render_configuration(answers).find("page =") == std::string::npos);
  person = hasty_person();
  person.answers["staff_page"] = {"15551234567@sms.example.net"};
  answers = ask_for_setup(person, nullptr, kSystem);
  CHECK(render_configuration(answers).find("page = [\"15551234567@sms.example.net\"]") != std::string::npos);
  auto again = kSystem;
  again.before = answers;
  for (const auto* own : {"none", "ann@example.com"}) {
    person = hasty_person();
    person.answers["staff_page"] = {own};
    CHECK(ask_for_setup(person, nullptr, again).member.page.empty());
  }
  person = hasty_person();
  person.answers["staff_role"] = {"director"};
  static_cast<void>(ask_for_setup(person, nullptr, kSystem));
  CHECK(person.times_asked("staff_page") == 0);
}

}  // namespace
}  // namespace ticketd
