#include <catch2/catch.hpp>

#include "tests/rules/mail_samples.h"

namespace ticketd {

namespace {

constexpr const char* kNotice = "is larger than we can take";

DeskCase too_large(DeskCase desk) {
  desk.arrived.oversize = true;
  desk.arrived.original_size = 90'000'000;
  return desk;
}

bool tells(const Decision& decision) {
  return std::ranges::any_of(decision.outgoing, [](const OutgoingMail& mail) {
    return plain_text_of(mail.octets).find(kNotice) != std::string::npos;
  });
}

}  // namespace

TEST_CASE("Whoever sends too large a mail is told so in the acknowledgement, and nobody else") {
  DeskCase desk;
  CHECK_FALSE(tells(desk.decide()));
  SECTION("without a label") {}
  SECTION("with one") { desk.email.subject = "Urgent: fax"; }
  const auto decision = too_large(desk).decide();
  CHECK(decision.outcome == Outcome::oversize);
  REQUIRE(decision.outgoing.size() == 1);
  CHECK(tells(decision));
}

TEST_CASE("The size is told as people say it") {
  const std::tuple<const char*, std::uint64_t, std::string> cases[] = {
      {"megabytes", 35'600'000, "Your mail of 36 MB is"},
      {"one megabyte", 1'000'000, "Your mail of 1 MB is"},
      {"kilobytes", 999'000, "Your mail of 999 KB is"},
      {"little", 300, "Your mail of 1 KB is"},
  };
  for (const auto& [name, size, words] : cases) {
    DYNAMIC_SECTION(name) {
      DeskCase desk = too_large({});
      desk.arrived.original_size = size;
      CHECK(plain_text_of(desk.decide().outgoing.at(0).octets).find(words) != std::string::npos);
    }
  }
}

TEST_CASE("A follow-up that is too large is answered once, where it may be answered") {
  using Change = void (*)(DeskCase&);
  const std::tuple<const char*, Change, bool> cases[] = {
      {"the requester", [](DeskCase&) {}, true},
      {"a participant",
       [](DeskCase& d) {
         d.email.from = Mailbox{"", "bob@partner.example"};
       },
       true},
      {"by the tag alone", [](DeskCase& d) { d.context.candidates[0].via = Candidate::Via::tag; }, true},
      {"a stranger",
       [](DeskCase& d) {
         d.email.from = Mailbox{"", "eve@evil.example"};
       },
       false},
      {"staff",
       [](DeskCase& d) {
         d.email.from = Mailbox{"", "ann@example.com"};
       },
       false},
      {"an automatic answer", [](DeskCase& d) { d.add_field("Auto-Submitted", "auto-replied"); }, false},
      {"a list", [](DeskCase& d) { d.add_field("List-Id", "<users.example.org>"); }, false},
      {"too many answers", [](DeskCase& d) { d.context.automatic_answers_to_sender = 10; }, false},
      {"silent backlog", [](DeskCase& d) { d.arrived.silent = true; }, false},
  };
  for (const auto& [name, change, is_told] : cases) {
    DYNAMIC_SECTION(name) {
      auto desk = too_large(reply_case());
      change(desk);
      const auto decision = desk.decide();
      CHECK(decision.outcome == Outcome::oversize);
      CHECK(decision.ticket->number == TicketId{17});
      CHECK(has_event(decision, "mail_oversize"));
      CHECK(tells(decision) == is_told);
      CHECK(decision.outgoing.size() == (is_told ? 1 : 0));
      CHECK(has_event(decision, "answer_queued") == is_told);
    }
  }
}

}  // namespace ticketd
