#include "parsers/free_form_report.h"

#include <catch2/catch.hpp>

#include "parsers/email.h"

namespace ticketd {
namespace {

std::string shown(std::string_view text) {
  std::string result;
  for (const auto& s : read_free_form_report(text))
    result += s.final_recipient + "|" + s.status + "|" + s.diagnostic + "\n";
  return result;
}

TEST_CASE("reports in the words of a server") {
  struct Case {
    const char* name;
    const char* text;
    const char* expected;
  };
  const std::vector<Case> cases{
      {"nothing", "", ""},
      {"no address", "Your mail could not be delivered.\n", ""},
      {"qmail",
       "Hi. This is the qmail-send program at mx.example.\n\n<ann@example.com>:\n192.0.2.1 does not like "
       "recipient.\nRemote host said: 550 5.1.1 unknown user\n\n--- Below this line is a copy.\n\nReturn-Path: "
       "<us@desk.example>\nTo: other@example.com\n",
       "ann@example.com|5.1.1|Remote host said: 550 5.1.1 unknown user\n"},
      {"exim",
       "A message that you sent could not be delivered:\n\n  ann@example.com\n    SMTP error from remote mail server: "
       "550 no such user\n",
       "ann@example.com||SMTP error from remote mail server: 550 no such user\n"},
      {"address and code on one line", "550 5.1.1 <ann@example.com>... User unknown\n",
       "ann@example.com|5.1.1|550 5.1.1 <ann@example.com>... User unknown\n"},
      {"words without a code", "ann@example.com\nThe user does not exist.\n",
       "ann@example.com||The user does not exist.\n"},
      {"a code comes before words", "ann@example.com: rejected\n452 4.2.2 over quota\n",
       "ann@example.com|4.2.2|452 4.2.2 over quota\n"},
      {"the returned mail's addresses are not those that failed",
       "<ann@example.com>: 550 no\nReceived: from x\nTo: bob@example.com\n",
       "ann@example.com||<ann@example.com>: 550 no\n"},
      {"no reason near it", "Sent to ann@example.com\n\n\n\n\n\n\n\n550 too far away\n", "ann@example.com||\n"},
      {"a number that is no reply code", "ann@example.com has 5500 mails, room 15501\n", "ann@example.com||\n"},
      {"each address once", "a@x.example 550 no\nA@X.example again\n", "a@x.example||a@x.example 550 no\n"},
  };
  for (const auto& example : cases) {
    INFO(example.name);
    CHECK(shown(example.text) == example.expected);
  }
}

TEST_CASE("a free-form report without end is read to a limit") {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "a" + std::to_string(i) + "@x.example 550 no\n";
  CHECK(read_free_form_report(text).size() == kMostDeliveryStatuses);
  CHECK(read_free_form_report(std::string(5'000'000, '@')).empty());
  CHECK(read_free_form_report(std::string(5'000'000, 'a') + "@x.example").size() <= 1);
}

TEST_CASE("the line of a refusal") {
  CHECK(find_refusal("Sorry.\n 550 no such user\n551 later\n") == "550 no such user");
  CHECK(find_refusal("It says 5.1.1 here\n") == "It says 5.1.1 here");
  CHECK(find_refusal("450 4.2.2 try later\n").empty());
  CHECK(find_refusal("Received: from x\n550 quoted\n").empty());
}

TEST_CASE("message ids in a text") {
  CHECK(message_ids_in_text("Message-ID: <a@x>\n> message-id:<b@y>\n  | Message-Id: <c@z>\nsee Message-ID: <d@w>\n",
                            10) == std::vector<std::string>{"a@x", "b@y", "c@z"});
  CHECK(message_ids_in_text("Message-ID: <a@x>\nMessage-ID: <b@x>\n", 1).size() == 1);
  CHECK(message_ids_in_text("", 10).empty());
  const std::vector<std::string> folded{"a@x"};
  CHECK(message_ids_in_text("Message-ID:\n <a@x>\n", 10) == folded);
  CHECK(message_ids_in_text("> Message-ID: \n> \t<a@x>\n> Subject: x\n", 10) == folded);
  CHECK(message_ids_in_text("Message-ID:\nReferences:\n <a@x>\n", 10).empty());
  CHECK(message_ids_in_text("Message-ID:\n<a@x>\n", 10).empty());
  CHECK(message_ids_in_text("Message-ID: <a@x>\n <b@x>\n", 10) == folded);
}

TEST_CASE("what a mail brings of it") {
  const auto parsed = parse_email(
      "From: MAILER-DAEMON@mx.example\r\nContent-Type: multipart/report; report-type=delivery-status; "
      "boundary=b\r\n\r\n--b\r\n\r\nIt did not arrive.\r\n--b\r\nContent-Type: "
      "message/delivery-status\r\nContent-Transfer-Encoding: base64\r\n\r\n"
      "RmluYWwtUmVjaXBpZW50OiByZmM4MjI7IGFubkBleGFtcGxlLmNvbQpBY3Rpb246IGZhaWxlZAo=\r\n--b\r\nContent-Type: "
      "message/rfc822\r\n\r\nMessage-ID: <ours@desk.example>\r\n\r\nHello\r\n--b--\r\n");
  const auto& email = std::get<Email>(parsed);
  REQUIRE(email.delivery_statuses.size() == 1);
  CHECK(email.delivery_statuses[0].final_recipient == "ann@example.com");
  CHECK(email.delivery_statuses[0].action == "failed");
  CHECK(email.returned_ids == std::vector<std::string>{"ours@desk.example"});
}

}  // namespace
}  // namespace ticketd
