#include <catch2/catch.hpp>

#include "daemon/ctl/json.h"
#include "daemon/ctl/present.h"
#include "tests/rules/desk_samples.h"

namespace ticketd {
namespace {

Message customer_mail() {
  Message message;
  message.direction = Direction::in;
  message.text = "It works.\n\nOn 4 May 2020 10:31, Desk <d@x.example> wrote:\n> Does it?\n> Really?\n\n-- \nJo\n";
  return message;
}

std::string shown(const Message& message, QuotedText quoted) {
  return present_case({}, {&message, 1}, {}, quoted, sample_ruleset(), Time{}, {});
}

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST_CASE("show folds what a customer quotes, and the signature") {
  const auto text = shown(customer_mail(), QuotedText::folded);
  CHECK(holds(text, "    It works.\n"));
  CHECK(holds(text, "    [3 quoted lines]\n    [2 signature lines]\n"));
  CHECK(!holds(text, "Does it?"));
}

TEST_CASE("show tells times on the desk's clock, what the ids are for, and what went out by itself") {
  auto ruleset = sample_ruleset();
  ruleset.support.time_zone = "Europe/Berlin";
  auto first = customer_mail(), second = customer_mail();
  first.id = 31;
  first.has_raw = true;
  first.at = tuesday_ten();
  second.id = 32;
  second.at = tuesday_ten() + std::chrono::hours{2};
  second.attachments.push_back({7, "log.txt", "text/plain", 3, "", false});
  TicketRow row;
  row.ticket.number = TicketId{12};
  row.ticket.reported_at = tuesday_ten();
  const std::vector<Event> events{{TicketId{12}, tuesday_ten() + std::chrono::minutes{1}, "ticketd",
                                   "acknowledgement_queued", "jo@x.example is told."}};
  const std::vector<Message> messages{first, second};
  const auto text =
      present_case(row, messages, events, QuotedText::folded, ruleset, tuesday_ten() + std::chrono::hours{3}, {});
  CHECK(holds(text, "2026-11-24 11:00:00 CET, 3 hours ago\n"));
  CHECK(holds(text, "  Channel       portal (the desk's own address)\n"));
  CHECK(holds(text,
              "automatic mail of the desk  2 hours 59 minutes ago, 2026-11-24 11:01:00 CET\n    jo@x.example is "
              "told.\n"));
  CHECK(text.find("[31]") < text.find("automatic mail"));
  CHECK(text.find("automatic mail") < text.find("[32]"));
  CHECK(holds(text, "[31] is a message's id; the mail as it came: ticketctl raw 12 31\n"));
  CHECK(holds(text, "ticketctl attachment 12 7 -o FILE\n"));
  CHECK(holds(
      text, "Timeline (times of Europe/Berlin)\n  2026-11-24 11:01:00 CET  acknowledgement_queued  jo@x.example is "));
}

TEST_CASE("on a terminal lines are broken between words") {
  auto message = customer_mail();
  message.text = "The line is dead.  It was so  yesterday as well, and nobody has come to look at it.\n";
  TicketRow row;
  row.ticket.reported_at = tuesday_ten();
  const std::vector<Event> events{{TicketId{1}, tuesday_ten(), "ticketd", "ticket_opened", "a b c d e f g h i j"}};
  const auto text = present_case(row, {&message, 1}, events, QuotedText::shown, sample_ruleset(), tuesday_ten(),
                                 TextStyle{false, 50});
  CHECK(holds(text,
              "    The line is dead.  It was so  yesterday as\n"
              "    well, and nobody has come to look at it.\n"));
  CHECK(holds(text, "  ticket_opened  a b c d\n                         e f g h i j (ticketd)\n"));
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
