#include <catch2/catch.hpp>

#include "daemon/ctl/json.h"
#include "daemon/ctl/present.h"

namespace ticketd {
namespace {

Message customer_mail() {
  Message message;
  message.direction = Direction::in;
  message.text = "It works.\n\nOn 4 May 2020 10:31, Desk <d@x.example> wrote:\n> Does it?\n> Really?\n\n-- \nJo\n";
  return message;
}

std::string shown(const Message& message, QuotedText quoted) {
  return present_case({}, {&message, 1}, {}, quoted, Time{}, {});
}

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST_CASE("show folds what a customer quotes, and the signature") {
  const auto text = shown(customer_mail(), QuotedText::folded);
  CHECK(holds(text, "    It works.\n"));
  CHECK(holds(text, "    [3 quoted lines]\n    [2 signature lines]\n"));
  CHECK(!holds(text, "Does it?"));
}

TEST_CASE("lines that say nothing are not counted") {
  auto message = customer_mail();
  message.text = "It works.\n\nOn 4 May 2020 10:31, Desk <d@x.example> wrote:\n> Does it?\n>\n> \n\n\n \n> Really?\n";
  CHECK(holds(shown(message, QuotedText::folded), "    [5 quoted lines]\n"));
  message.text = "It works.\n-- \n\n\nJo\n\n\n";
  CHECK(holds(shown(message, QuotedText::folded), "    [2 signature lines]\n"));
}

TEST_CASE("the JSON of a message has what was newly written") {
  auto message = customer_mail();
  CHECK(message_json(message).at("reply_text").as_string() == "It works.");
  CHECK(message_json(message).at("text").as_string() == message.text);
  message.direction = Direction::note;
  CHECK(message_json(message).at("reply_text").as_string() == message.text);
}

TEST_CASE("show --full folds nothing") {
  const auto text = shown(customer_mail(), QuotedText::shown);
  CHECK(holds(text, "    > Does it?\n    > Really?\n"));
  CHECK(!holds(text, "quoted lines]"));
}

TEST_CASE("the words of a stranger are marked as such") {
  auto message = customer_mail();
  CHECK(!holds(shown(message, QuotedText::folded), "stranger"));
  CHECK(message_json(message).at("stranger") == false);
  message.by_stranger = true;
  CHECK(holds(shown(message, QuotedText::folded), "(by a stranger, who takes no part in the ticket)"));
  CHECK(message_json(message).at("stranger") == true);
}

TEST_CASE("show folds nothing of what the desk wrote") {
  auto message = customer_mail();
  message.direction = Direction::out;
  CHECK(holds(shown(message, QuotedText::folded), "> Does it?"));
}

}  // namespace
}  // namespace ticketd
