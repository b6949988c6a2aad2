#include "parsers/delivery_status.h"

#include <catch2/catch.hpp>

namespace ticketd {
namespace {

std::string shown(const std::vector<DeliveryStatus>& found) {
  std::string text;
  for (const auto& s : found)
    text +=
        s.final_recipient + "|" + s.original_recipient + "|" + s.action + "|" + s.status + "|" + s.diagnostic + "\n";
  return text;
}

TEST_CASE("delivery-status bodies (RFC 3464)") {
  struct Case {
    const char* name;
    const char* body;
    const char* expected;
  };
  const std::vector<Case> cases{
      {"nothing", "", ""},
      {"the mail's own group alone", "Reporting-MTA: dns; mx.example\r\nArrival-Date: today\r\n\r\n", ""},
      {"one recipient",
       "Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; ann@example.com\r\nAction: failed\r\nStatus: "
       "5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 No such user\r\n",
       "ann@example.com||failed|5.1.1|550 5.1.1 No such user\n"},
      {"two recipients",
       "Reporting-MTA: dns; m\n\nFinal-Recipient: rfc822;a@x\nAction: failed\n\nFinal-Recipient: "
       "rfc822;b@x\nAction: delayed\nStatus: 4.4.1\n",
       "a@x||failed||\nb@x||delayed|4.4.1|\n"},
      {"the blank line between two is missing",
       "Final-Recipient: rfc822;a@x\nAction: failed\nFinal-Recipient: "
       "rfc822;b@x\nAction: failed\n",
       "a@x||failed||\nb@x||failed||\n"},
      {"folded, other case, a comment behind the status",
       "\nFINAL-RECIPIENT: RFC822; a@x\nstatus: 5.1.1 (bad mailbox)\nAction: Failed\nDiagnostic-Code: smtp;\n 550 "
       "No\n\tsuch user\n",
       "a@x||failed|5.1.1|550 No such user\n"},
      {"the original recipient, with utf-8 type", "\nOriginal-Recipient: utf-8;ä@x\nFinal-Recipient: rfc822;<b@y>\n",
       "b@y|ä@x|||\n"},
      {"no type before the address", "\nFinal-Recipient: a@x\nAction: failed\n", "a@x||failed||\n"},
      {"a diagnostic with a semicolon of its own",
       "\nFinal-Recipient: rfc822;a@x\nDiagnostic-Code: smtp; 550 no; gone\n", "a@x||||550 no; gone\n"},
      {"control characters", "\nFinal-Recipient: rfc822;a@x\nDiagnostic-Code: smtp; 550 \x1b[31mred\n",
       "a@x||||550 \xEF\xBF\xBD[31mred\n"},
      {"a status that is none", "\nFinal-Recipient: rfc822;a@x\nStatus: perhaps\n", "a@x||||\n"},
  };
  for (const auto& example : cases) {
    INFO(example.name);
    CHECK(shown(parse_delivery_status(example.body)) == example.expected);
  }
}

TEST_CASE("a hundred thousand recipients are cut, and no value is without end") {
  std::string body;
  for (int i = 0; i < 100'000; ++i) body += "Final-Recipient: rfc822;a@x\nAction: failed\n\n";
  CHECK(parse_delivery_status(body).size() == kMostDeliveryStatuses);
  const auto found =
      parse_delivery_status("Final-Recipient: rfc822;a@x\nDiagnostic-Code: " + std::string(5'000'000, 'x'));
  REQUIRE(found.size() == 1);
  CHECK(found[0].diagnostic.size() <= 500);
}

TEST_CASE("status codes (RFC 3463)") {
  CHECK(leading_status_code("5.1.1") == "5.1.1");
  CHECK(leading_status_code("4.4.110 later") == "4.4.110");
  CHECK(leading_status_code("5.1").empty());
  CHECK(leading_status_code("3.1.1").empty());
  CHECK(leading_status_code("5.1234.1").empty());
  CHECK(leading_status_code("").empty());
}

}  // namespace
}  // namespace ticketd
