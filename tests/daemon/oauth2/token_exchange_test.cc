#include "daemon/oauth2/token_exchange.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "tests/daemon/oauth2/token_rig.h"

namespace ticketd {
namespace {

struct Refusal {
  const char* name;
  int status;
  std::string body;
  std::string error;
};

std::string error_of(const HttpAnswer& answer) {
  OAuth2Secrets secrets;
  secrets.client_secret = "hunter2";
  secrets.refresh_token = "r0-secret";
  return read_token_answer(answer, secrets).fault;
}

TEST_CASE("what is no access token says so", "[oauth2]") {
  const std::string no_reason = "it answers HTTP 502, and gives no reason";
  const std::string no_token = "its answer (HTTP 200) holds no access token; is token_url right?";
  const std::string odd_token = "it gives a token that is too long, or has characters that no token has";
  const std::string longer(40'000, 'x');
  const std::vector<Refusal> cases{
      {"revoked", 400, R"({"error": "invalid_grant", "error_description": "AADSTS70008: it\r\nhas\u001b[1m expired"})",
       "invalid_grant: AADSTS70008: it\xEF\xBF\xBD\xEF\xBF\xBDhas\xEF\xBF\xBD[1m expired (a new refresh token has to "
       "go "
       "into refresh_token_file)"},
      {"echo of secrets", 400, R"({"error": "odd", "error_description": "hunter2, r0-secret and hunter2"})",
       "odd: ***, *** and ***"},
      {"error with 200", 200, R"({"error": "slow_down"})", "slow_down"},
      {"error that is no text", 400, R"({"error": {"code": 7}})", "it answers HTTP 400, and gives no reason"},
      {"HTML", 502, "<!DOCTYPE html><h1>Bad gateway", no_reason},
      {"HTML with 200", 200, "<!DOCTYPE html>Sign in", no_token},
      {"nothing", 200, "", no_token},
      {"a list", 200, "[1]", no_token},
      {"deep", 200, std::string(10'000, '['), no_token},
      {"empty token", 200, R"({"access_token": ""})", no_token},
      {"token that is no text", 200, R"({"access_token": 5})", no_token},
      {"line end in a token", 200, R"({"access_token": "a\nb"})", odd_token},
      {"SASL separator in a token", 200, R"({"access_token": "a\u0001b"})", odd_token},
      {"huge token", 200, R"({"access_token": ")" + longer + "\"}", odd_token},
      {"odd refresh token", 200, R"({"access_token": "a", "refresh_token": "\u0000"})", odd_token},
      {"other type", 200, R"({"access_token": "a", "token_type": "mac"})",
       "it gives a token of the type \"mac\", not \"Bearer\""}};
  for (const auto& one : cases) {
    INFO(one.name);
    CHECK(error_of(http_answer(one.status, one.body)) == one.error);
  }
  CHECK_THAT(error_of(http_answer(302, "moved")), Catch::Matchers::Contains("redirection (HTTP 302)"));
}

TEST_CASE("an error is bounded, and no part of a secret stands at its end", "[oauth2]") {
  const std::string description = std::string(390, '.') + "hunter2" + std::string(5000, '!');
  const auto error = error_of(http_answer(400, R"({"error": "odd", "error_description": ")" + description + "\"}"));
  CHECK(error.size() == 400);
  CHECK(error.find("hunt") == std::string::npos);
}

TEST_CASE("a refresh token counts whatever is wrong with the access token beside it", "[oauth2]") {
  struct Case {
    const char* name;
    int status;
    std::string body;
    std::string refresh_token;
  };
  const std::string longer(40'000, 'x');
  for (const auto& one :
       {Case{"other type", 200, R"({"access_token": "a", "token_type": "mac", "refresh_token": "r1"})", "r1"},
        Case{"huge token", 200, R"({"refresh_token": "r1", "access_token": ")" + longer + "\"}", "r1"},
        Case{"no access token", 200, R"({"refresh_token": "r1"})", "r1"},
        Case{"odd itself", 200, R"({"access_token": "a", "refresh_token": "r\n1"})", ""},
        Case{"refused", 400, R"({"error": "invalid_grant", "refresh_token": "r1"})", ""}}) {
    INFO(one.name);
    const auto grant = read_token_answer(http_answer(one.status, one.body), {});
    CHECK_FALSE(grant.fault.empty());
    CHECK(grant.access_token.empty());
    CHECK(grant.refresh_token == one.refresh_token);
  }
}

TEST_CASE("how long a token is good", "[oauth2]") {
  struct Case {
    const char* name;
    const char* value;
    int seconds;
  };
  for (const auto& one :
       {Case{"number", "3599", 3599}, Case{"text", "\"3599\"", 3599}, Case{"fraction", "3599.9", 3599},
        Case{"not told", "null", 1800}, Case{"negative", "-5", 1800}, Case{"zero", "0", 1800},
        Case{"for ever", "1e300", 86'400}, Case{"no number", "\"soon\"", 1800}}) {
    INFO(one.name);
    const auto answer = http_answer(200, fmt::format(R"({{"access_token": "a", "expires_in": {}}})", one.value));
    CHECK(read_token_answer(answer, {}).lifetime == std::chrono::seconds{one.seconds});
  }
}

TEST_CASE("no proxy gets what goes to a loopback host in the clear", "[oauth2]") {
  TokenRig rig;
  rig.server.proxy = "http://proxy:3128";
  rig.server.oauth2->token_url = "http://127.0.0.1:8080/token";
  CHECK(token_request(rig.server, {}).proxy.empty());
}

}  // namespace
}  // namespace ticketd
