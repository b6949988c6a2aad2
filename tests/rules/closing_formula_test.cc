#include "rules/closing_formula.h"

#include <catch2/catch.hpp>

#include "tests/rules/staff_desk.h"

namespace ticketd {

TEST_CASE("What says nothing but who wrote it") {
  struct Case {
    const char* text;
    bool is_closing;
  };
  const Case cases[] = {
      {"", true},
      {"Best regards,\nAnn Engineer\n", true},
      {"Best regards,\n\nAnn\nExample Inc.\n+49 30 1234567\n", true},
      {"Mit freundlichen Gr\u00FC\u00DFen\nAnn Engineer", true},
      {"Thanks, Ann", true},
      {"Ann Engineer", true},
      {"Sent from my iPhone", true},
      {"Best regards\nAnn\nann@example.com\nhttps://example.com/a/page\nSupport", true},
      {"Thanks for waiting.\nAnn", false},
      {"Thanks Ann,\nthe fax card was replaced.\nPlease do not restart it.", false},
      {"Thanks, Ann\nWe call you at 5.", false},
      {"Ben\n", false},
      {"Done.\nBest regards\nAnn", false},
      {"Best regards\nThe card was replaced.", false},
      {"Ann\nThe card in your machine was replaced on Tuesday, and it works again now.", false},
  };
  for (const auto& c : cases) {
    INFO(c.text);
    CHECK(is_closing(c.text, "Ann Engineer") == c.is_closing);
  }
}

TEST_CASE("A closing formula behind a command is no answer") {
  StaffDesk desk;
  const auto taken = desk.write("#take\n\nBest regards,\nAnn Engineer\nExample Inc.\n" + quoted_notification());
  CHECK(taken.ticket->assignee == "Ann Engineer");
  CHECK_FALSE(taken.ticket->responded_at);
  CHECK(sent_to_customer(taken).empty());
  const auto resolved = desk.write("#resolve\n\nBest regards,\nAnn Engineer\n");
  CHECK(resolved.ticket->status == TicketStatus::resolved);
  CHECK(sent_to_customer(resolved).find("Best regards") == std::string::npos);
  CHECK(desk.write("#take\n" + quoted_notification() + "\n-- \nAnn\n").ticket->assignee == "Ann Engineer");
}

}  // namespace ticketd
