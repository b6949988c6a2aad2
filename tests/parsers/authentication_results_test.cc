#include "parsers/authentication_results.h"

#include <catch2/catch.hpp>

namespace ticketd {
namespace {

std::string shown(std::string_view value) {
  const auto results = parse_authentication_results(value);
  if (!results) return "none";
  std::string text = results->authserv_id;
  for (const auto& method : results->methods) {
    text += "; " + method.method + "=" + method.result;
    for (const auto& [name, property] : method.properties) text += " " + name + "=" + property;
  }
  return text;
}

TEST_CASE("Authentication-Results fields (RFC 8601)") {
  struct Case {
    const char* name;
    const char* value;
    const char* expected;
  };
  const std::vector<Case> cases{
      {"empty", "", "none"},
      {"nothing but blanks and comments", " (who?) ", "none"},
      {"no server, as Exchange Online has it", "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=a.example; dmarc=pass",
       "none"},
      {"no server, and blanks", "spf = pass; dmarc=pass", "none"},
      {"no result", "mx.example.com; none", "mx.example.com"},
      {"no semicolon at all", "mx.example.com", "mx.example.com"},
      {"one", "mx.example.com; dmarc=pass header.from=acme.example",
       "mx.example.com; dmarc=pass header.from=acme.example"},
      {"other case", "MX.Example.com; DMARC=Pass Header.From=acme.example",
       "mx.example.com; dmarc=pass header.from=acme.example"},
      {"a version of the field", "mx.example.com 1; spf=fail", "mx.example.com; spf=fail"},
      {"a version of the method", "mx.example.com; dkim/1=pass header.d=a.example",
       "mx.example.com; dkim=pass header.d=a.example"},
      {"comments everywhere",
       "mx.example.com (our; own) ; (a) dkim (b) = (c) pass (2048-bit; d=evil.example) header.d (e) = a.example",
       "mx.example.com; dkim=pass header.d=a.example"},
      {"a reason in quotes, which holds what looks like a result",
       "mx.example.com; spf=fail reason=\"no; dmarc=pass\" smtp.mailfrom=a.example",
       "mx.example.com; spf=fail reason=no; dmarc=pass smtp.mailfrom=a.example"},
      {"a quoted local part", "mx.example.com; spf=pass smtp.mailfrom=\"a b\"; dmarc=fail",
       "mx.example.com; spf=pass smtp.mailfrom=a b; dmarc=fail"},
      {"a comment hides nothing that follows", "mx.example.com; dkim=fail (dmarc=pass); dmarc=fail",
       "mx.example.com; dkim=fail; dmarc=fail"},
      {"several", "mx.example.com; dkim=pass header.d=a.example; spf=softfail smtp.mailfrom=b@b.example",
       "mx.example.com; dkim=pass header.d=a.example; spf=softfail smtp.mailfrom=b@b.example"},
      {"a piece that can't be read", "mx.example.com; what is this; dkim=pass", "mx.example.com; dkim=pass"},
      {"a quote that never ends", "mx.example.com; dkim=fail reason=\"dmarc=pass; spf=pass",
       "mx.example.com; dkim=fail "
       "reason=dmarc=pass; spf=pass"},
  };
  for (const auto& example : cases) {
    INFO(example.name);
    CHECK(shown(example.value) == example.expected);
  }
}

TEST_CASE("an endless field is read to a limit") {
  std::string value = "mx.example.com";
  for (int i = 0; i < 100'000; ++i) value += "; dkim=pass a=b";
  CHECK(parse_authentication_results(value)->methods.size() == 100);
  CHECK(parse_authentication_results("mx.example.com; dkim=pass " + std::string(1'000'000, '('))->methods.size() == 1);
}

}  // namespace
}  // namespace ticketd
