#include <catch2/catch.hpp>

#include "daemon/ctl/setup/dialogue.h"
#include "tests/daemon/setup/scripted_interview.h"

namespace ticketd {
namespace {

using Kind = NetError::Kind;

TEST_CASE("setup: Microsoft 365 means OAuth 2 for both servers, with what it wants") {
  auto person = hasty_person();
  person.answers["provider"] = {"microsoft365"};
  person.answers["oauth2_tenant"] = {"contoso.example"};
  person.answers["oauth2_client_id"] = {"id-1"};
  person.answers["oauth2_client_secret"] = {"hush"};
  ScriptedServers servers;
  const auto answers = ask_for_setup(person, &servers, kSystem);
  CHECK(answers.mailbox.server.url == "imaps://outlook.office365.com");
  CHECK(answers.smtp.url == "smtp://smtp.office365.com:587");
  REQUIRE(answers.mailbox.server.oauth2);
  REQUIRE(answers.smtp.oauth2);
  const auto& oauth2 = *answers.mailbox.server.oauth2;
  CHECK(oauth2.token_url == "https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token");
  CHECK(oauth2.grant == "client_credentials");
  CHECK(oauth2.scope == "https://outlook.office365.com/.default");
  CHECK(oauth2.client_secret_file == kClientSecret);
  CHECK(person.times_asked("imap_password") == 0);
  CHECK(person.times_asked("imap_server") == 0);
  CHECK(answers.new_secrets.size() == 1);
  REQUIRE(servers.looked.size() == 1);
  CHECK(servers.looked[0].bearer == "access");
  REQUIRE(servers.tried.size() == 1);
  CHECK(servers.tried[0].bearer == "access");
  CHECK(answers.messages == 3u);
  CHECK(render_configuration(answers).find("access") == std::string::npos);
}

ScriptedInterview person_with_refresh_token() {
  auto person = hasty_person();
  person.answers["login"] = {"oauth2"};
  person.answers["oauth2_grant"] = {"refresh_token", ""};
  person.answers["oauth2_token_url"] = {"https://login.example.com/token", ""};
  person.answers["oauth2_client_id"] = {"id-1", "id-2"};
  person.answers["oauth2_client_secret"] = {"hush", ""};
  person.answers["oauth2_refresh_token"] = {"r0", ""};
  return person;
}

TEST_CASE("setup: a token that can't be had asks for OAuth 2 again, and suggests what was answered") {
  auto person = person_with_refresh_token();
  ScriptedServers servers;
  servers.tokens = {{{"https://login.example.com: invalid_client", Kind::login}, {}}};
  const auto answers = ask_for_setup(person, &servers, kSystem);
  CHECK(person.told.find("That does not work: https://login.example.com: invalid_client") != std::string::npos);
  CHECK(answers.mailbox.server.oauth2->client_id == "id-2");
  CHECK(answers.mailbox.server.oauth2->token_url == "https://login.example.com/token");
  CHECK(answers.smtp.oauth2->client_id == "id-2");
  REQUIRE(servers.asked_with.size() == 2);
  CHECK(servers.asked_with[1].client_secret == "hush");
  CHECK(servers.asked_with[1].refresh_token == "r0");
  CHECK(person.told.find("hush") == std::string::npos);
}

TEST_CASE("setup: a rotated refresh token is what is written, also when the rest of the answer is of no use") {
  auto person = person_with_refresh_token();
  ScriptedServers servers;
  servers.tokens = {{{"it gives a token of the type \"mac\"", Kind::login}, {"", "r1", {}, "…"}},
                    {{}, {"access", "r2", {}, ""}}};
  const auto answers = ask_for_setup(person, &servers, kSystem);
  REQUIRE(servers.asked_with.size() == 2);
  CHECK(servers.asked_with[1].refresh_token == "r1");
  CHECK(answers.new_secrets.back().name == kRefreshToken);
  CHECK(answers.new_secrets.back().value == "r2");
  CHECK(person.told.find("takes the place of yours") != std::string::npos);
}

TEST_CASE("setup: without a token that can be had nothing is tried") {
  auto person = person_with_refresh_token();
  person.answers[""] = {"keep"};
  ScriptedServers servers;
  servers.tokens = {{{"no answer", Kind::timeout}, {}}};
  const auto answers = ask_for_setup(person, &servers, kSystem);
  CHECK(servers.looked.empty());
  CHECK(servers.tried.empty());
  CHECK_FALSE(answers.messages);
}

TEST_CASE("setup: no secret goes to a token URL in the clear, or to a host that is none") {
  auto person = hasty_person();
  person.answers["login"] = {"oauth2"};
  person.answers["oauth2_client_id"] = {"id-1"};
  person.answers["oauth2_client_secret"] = {"hush"};
  person.answers["oauth2_token_url"] = {"http://evil.example/token", "https://login%2eexample.com/token",
                                        "http://127.0.0.1:8080/token"};
  const auto answers = ask_for_setup(person, nullptr, kSystem);
  CHECK(answers.mailbox.server.oauth2->token_url == "http://127.0.0.1:8080/token");
  REQUIRE(person.faults.size() == 2);
  CHECK(person.faults[0].find("in the clear") != std::string::npos);
  CHECK(person.faults[1].find("letters, digits") != std::string::npos);
}

TEST_CASE("setup: Google's OAuth 2 wants a refresh token") {
  auto person = hasty_person();
  person.answers["address"] = {"desk@gmail.com"};
  person.answers["login"] = {"oauth2"};
  person.answers["oauth2_client_id"] = {"id-1"};
  person.answers["oauth2_client_secret"] = {"hush"};
  person.answers["oauth2_refresh_token"] = {"1//token"};
  ScriptedServers servers;
  const auto answers = ask_for_setup(person, &servers, kSystem);
  CHECK(answers.mailbox.server.url == "imaps://imap.gmail.com");
  REQUIRE(answers.mailbox.server.oauth2);
  CHECK(answers.mailbox.server.oauth2->grant == "refresh_token");
  CHECK(answers.mailbox.server.oauth2->scope == "https://mail.google.com/");
  CHECK(answers.new_secrets.size() == 2);
}

}  // namespace
}  // namespace ticketd
