#include <catch2/catch.hpp>

#include "tests/daemon/oauth2/token_rig.h"

namespace ticketd {
namespace {

using Texts = std::vector<std::string>;
using Catch::Matchers::Contains;
using std::chrono::minutes;
using std::chrono::seconds;

TEST_CASE("client credentials are asked for as RFC 6749 has it", "[oauth2]") {
  TokenRig rig;
  rig.server.oauth2->scope = "https://outlook.office365.com/.default";
  rig.server.ca_file = "/ca.pem";
  rig.server.proxy = "http://proxy:3128";
  rig.answers = {token_answer("one")};
  CHECK(rig.ask() == "one");
  CHECK_FALSE(rig.was_stale);
  REQUIRE(rig.requests.size() == 1);
  CHECK(rig.requests[0].url == "https://login.example.com/token?tenant=1");
  CHECK(rig.requests[0].body ==
        "grant_type=client_credentials&client_id=ticketd&client_secret=s3cr3t%2F%2B%26&"
        "scope=https%3A%2F%2Foutlook.office365.com%2F.default");
  CHECK(rig.requests[0].ca_file == "/ca.pem");
  CHECK(rig.requests[0].proxy == "http://proxy:3128");
  CHECK(rig.vault.locks == 0);
}

TEST_CASE("a token is kept until some minutes before it expires", "[oauth2]") {
  TokenRig rig;
  rig.answers = {token_answer("one"), token_answer("two")};
  CHECK(rig.ask() == "one");
  rig.pass(minutes{49});
  CHECK(rig.ask() == "one");
  CHECK(rig.was_stale);
  CHECK(rig.requests.size() == 1);
  rig.pass(minutes{1});
  CHECK(rig.ask() == "two");
  CHECK_FALSE(rig.was_stale);
}

TEST_CASE("who asks at the same time gets the answer to one request", "[oauth2]") {
  TokenRig rig;
  rig.answers = {token_answer("one")};
  Texts results(3);
  for (auto& result : results) rig.spawn(result);
  rig.run();
  CHECK(results == Texts{"one", "one", "one"});
  CHECK(rig.requests.size() == 1);
}

TEST_CASE("who asks at the same time hears of the same failure", "[oauth2]") {
  TokenRig rig;
  Texts results(3);
  for (auto& result : results) rig.spawn(result);
  rig.run();
  for (const auto& result : results) CHECK_THAT(result, Contains("no route"));
  CHECK(rig.requests.size() == 1);
}

TEST_CASE("servers with other settings have tokens of their own", "[oauth2]") {
  TokenRig rig;
  rig.answers = {token_answer("one"), token_answer("two")};
  CHECK(rig.ask() == "one");
  rig.server.url = "smtp://smtp.example.com";
  CHECK(rig.ask() == "one");
  rig.server.oauth2->scope = "other";
  CHECK(rig.ask() == "two");
}

TEST_CASE("after a failure the endpoint is left alone for a while, longer each time", "[oauth2]") {
  TokenRig rig;
  CHECK(rig.ask() == "[no access token for support@example.com: https://login.example.com: no route]");
  rig.pass(seconds{9});
  CHECK_THAT(rig.ask(), Contains("no route"));
  CHECK(rig.requests.size() == 1);
  rig.pass(seconds{1});
  rig.ask();
  CHECK(rig.requests.size() == 2);
  rig.pass(seconds{19});
  rig.ask();
  CHECK(rig.requests.size() == 2);
  rig.pass(seconds{1});
  rig.answers = {token_answer("one")};
  CHECK(rig.ask() == "one");
}

TEST_CASE("a renewal that fails leaves the old token as long as it is good, and is noted", "[oauth2]") {
  TokenRig rig;
  rig.answers = {token_answer("one")};
  rig.ask();
  rig.pass(minutes{50});
  rig.answers = {http_answer(401, R"({"error": "invalid_client", "error_description": "The secret has expired."})")};
  CHECK(rig.ask() == "one");
  REQUIRE(rig.vault.notes.size() == 2);
  CHECK(rig.vault.notes[0].empty());
  CHECK_THAT(rig.vault.notes[1], Contains("invalid_client: The secret has expired."));
  rig.pass(minutes{10});
  CHECK_THAT(rig.ask(), Contains("no route"));
  rig.pass(minutes{10});
  rig.answers = {token_answer("two")};
  CHECK(rig.ask() == "two");
  CHECK(rig.vault.notes.back().empty());
}

TEST_CASE("a token that the server refused is replaced once", "[oauth2]") {
  TokenRig rig;
  rig.answers = {token_answer("one"), token_answer("two")};
  rig.ask();
  CHECK(rig.replace("one") == "two");
  CHECK(rig.replace("one") == "two");  // somebody else was faster
  CHECK(rig.requests.size() == 2);
}

TEST_CASE("a replacement that can't be had says why, and does not ask again at once", "[oauth2]") {
  TokenRig rig;
  rig.answers = {token_answer("one")};
  rig.ask();
  CHECK_THAT(rig.replace("one"), Contains("no route"));
  CHECK_THAT(rig.replace("one"), Contains("no route"));
  CHECK(rig.requests.size() == 2);
}

TEST_CASE("a rotated refresh token is kept before the access token is given out", "[oauth2]") {
  TokenRig rig;
  rig.use_refresh_token("r0");
  rig.answers = {token_answer("one", 3600, "r1"), token_answer("two", 3600, "r2")};
  CHECK(rig.ask() == "one");
  CHECK(rig.vault.saved == Texts{"r1"});
  rig.pass(minutes{55});
  CHECK(rig.ask() == "two");
  CHECK(rig.vault.saved == Texts{"r1", "r2"});
  CHECK_THAT(rig.requests[0].body,
             Contains("grant_type=refresh_token&client_id=ticketd") && Contains("refresh_token=r0"));
  CHECK_THAT(rig.requests[1].body, Contains("refresh_token=r1"));
  CHECK(rig.vault.locks == 2);
}

TEST_CASE("a refresh token that stays is not written", "[oauth2]") {
  TokenRig rig;
  rig.use_refresh_token("r0");
  rig.answers = {token_answer("one"), token_answer("two", 3600, "r0")};
  rig.ask();
  rig.pass(minutes{55});
  CHECK(rig.ask() == "two");
  CHECK(rig.vault.saved.empty());
}

TEST_CASE("the store's token goes on where a process before us ended", "[oauth2]") {
  TokenRig rig;
  rig.use_refresh_token("r0");
  rig.vault.chains[{credential_name(rig.server), token_digest("r0")}] = "r7";
  rig.answers = {token_answer("one")};
  rig.ask();
  CHECK_THAT(rig.requests[0].body, Contains("refresh_token=r7"));
}

TEST_CASE("another refresh token in the file begins another chain", "[oauth2]") {
  TokenRig rig;
  rig.use_refresh_token("r0");
  rig.answers = {token_answer("one", 3600, "r1")};
  rig.ask();
  rig.use_refresh_token("new0");
  rig.pass(minutes{55});
  rig.answers = {token_answer("two", 3600, "new1")};
  CHECK(rig.ask() == "two");
  CHECK_THAT(rig.requests[1].body, Contains("refresh_token=new0"));
}

TEST_CASE("a store that is locked gets the rotation once it is not", "[oauth2]") {
  TokenRig rig;
  rig.use_refresh_token("r0");
  rig.vault.busy = 2;
  rig.vault.when_busy = [&rig] { CHECK(rig.tokens.unsaved() == 1); };
  rig.answers = {token_answer("one", 3600, "r1")};
  CHECK(rig.ask() == "one");
  CHECK(rig.vault.saved == Texts{"r1"});
  CHECK(rig.tokens.unsaved() == 0);
}

TEST_CASE("a rotation that the store did not take for long is told, and saved before the chain goes on", "[oauth2]") {
  TokenRig rig;
  rig.use_refresh_token("r0");
  rig.vault.busy = 1;
  rig.vault.when_busy = [&rig] { rig.pass(TokenRig::kSaveLimit); };
  rig.answers = {token_answer("one", 3600, "r1"), token_answer("two")};
  CHECK_THAT(rig.ask(), Contains("could not be kept: database is locked") && Contains("consent again"));
  CHECK(rig.tokens.unsaved() == 1);
  rig.pass(seconds{10});
  CHECK(rig.ask() == "two");
  CHECK(rig.vault.saved == Texts{"r1"});
  CHECK_THAT(rig.requests[1].body, Contains("refresh_token=r1"));
}

TEST_CASE("a store that breaks at the save says what is lost", "[oauth2]") {
  TokenRig rig;
  rig.use_refresh_token("r0");
  rig.vault.is_full = true;
  rig.answers = {token_answer("one", 3600, "r1")};
  CHECK_THAT(rig.ask(), Contains("could not be kept: database or disk is full") && Contains("consent again"));
  CHECK(rig.tokens.unsaved() == 0);
}

TEST_CASE("no refresh token is used while a new one could not be saved", "[oauth2]") {
  TokenRig rig;
  rig.use_refresh_token("r0");
  rig.vault.is_locked = true;
  CHECK_THAT(rig.ask(), Contains("locked"));
  CHECK(rig.requests.empty());
}

TEST_CASE("a refresh token that comes with a token which is refused is kept", "[oauth2]") {
  TokenRig rig;
  rig.use_refresh_token("r0");
  rig.answers = {http_answer(200, R"({"access_token": "a", "token_type": "mac", "refresh_token": "r1"})"),
                 token_answer("two")};
  CHECK_THAT(rig.ask(), Contains("https://login.example.com: it gives a token of the type \"mac\""));
  CHECK(rig.vault.saved == Texts{"r1"});
  rig.pass(seconds{10});
  CHECK(rig.ask() == "two");
  CHECK_THAT(rig.requests[1].body, Contains("refresh_token=r1"));
}

TEST_CASE("users who began with one refresh token share its chain, and what it brings", "[oauth2]") {
  TokenRig rig;
  rig.use_refresh_token("r0");
  rig.answers = {token_answer("one", 3600, "r1")};
  Texts results(2);
  rig.spawn(results[0]);
  rig.server.user = "sales@example.com";
  rig.spawn(results[1]);
  rig.run();
  CHECK(results == Texts{"one", "one"});
  CHECK(rig.requests.size() == 1);
  CHECK(rig.vault.chains.size() == 1);
}

TEST_CASE("an error names who shares a token", "[oauth2]") {
  TokenRig rig;
  Texts results(2);
  rig.spawn(results[0]);
  rig.server.user = "sales@example.com";
  rig.spawn(results[1]);
  rig.run();
  CHECK_THAT(results[1], Contains("no access token for support@example.com and 1 more: "));
}

TEST_CASE("a secret that can't be read is the error", "[oauth2]") {
  TokenRig rig;
  rig.server.oauth2->client_secret_file = "/nowhere/secret";
  CHECK_THAT(rig.ask(), Contains("/nowhere/secret"));
  CHECK(rig.requests.empty());
}

TEST_CASE("every server of the configuration is asked for at the start, fallbacks too", "[oauth2]") {
  TokenRig rig;
  Settings settings;
  settings.smtp.servers.assign(3, rig.server);
  settings.smtp.servers[1].oauth2->scope = "of the fallback";
  settings.smtp.servers[2].user.clear();  // it wants no login
  settings.smtp.servers[2].oauth2->scope = "of nobody";
  rig.tokens.use(settings);
  CHECK_FALSE(rig.tokens.standing(settings.smtp.servers[1]));
  rig.when_asked = [&rig] {
    if (rig.requests.size() == 2) rig.tokens.stop();
  };
  rig.answers = {token_answer("one"), http_answer(401, R"({"error": "invalid_client"})")};
  rig.keep_fresh();
  CHECK(rig.requests.size() == 2);
}

TEST_CASE("a stop ends what can be asked for again, and lets a rotation come to its end", "[oauth2]") {
  struct Case {
    const char* name;
    bool rotates, gives_up;
    Texts saved;
  };
  for (const auto& one : {Case{"client credentials", false, false, {}}, Case{"refresh token", true, false, {"r1"}},
                          Case{"refresh token, for too long", true, true, {}}}) {
    INFO(one.name);
    TokenRig rig;
    if (one.rotates) rig.use_refresh_token("r0");
    rig.when_asked = [&] {
      rig.tokens.stop();
      if (one.gives_up) rig.tokens.give_up();
    };
    rig.answers = {token_answer("one", 3600, one.rotates ? "r1" : "")};
    CHECK_THAT(rig.ask(), Contains(one.saved.empty() ? "interrupted" : "one"));
    CHECK(rig.vault.saved == one.saved);
  }
}

TEST_CASE("nothing is asked for once it stops", "[oauth2]") {
  TokenRig rig;
  rig.tokens.stop();
  CHECK_THAT(rig.ask(), Contains("stops"));
  CHECK(rig.requests.empty());
}

}  // namespace
}  // namespace ticketd
