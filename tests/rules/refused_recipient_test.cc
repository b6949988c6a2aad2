#include <catch2/catch.hpp>

#include "rules/returned_mail.h"
#include "tests/rules/mail_samples.h"

namespace ticketd {
namespace {

/// What follows from an answer to the RCPT of an update about ticket 17.
Decision refused(std::string_view enhanced, std::string_view text) {
  OutgoingMail mail;
  mail.id = 9;
  mail.ticket = TicketId{17};
  mail.kind = OutboxKind::update;
  Decision decision;
  const DeliveryStatus answer{"Jane@acme.example", "", "failed", std::string(enhanced), std::string(text)};
  note_refused_recipient(mail, answer, tuesday_ten(), decision);
  return decision;
}

TEST_CASE("An answer to RCPT that knows no such address bars it as a bounce does") {
  const auto decision = refused("5.1.1", "550 5.1.1 nobody \"here\"");
  REQUIRE(decision.undeliverable.size() == 1);
  CHECK(decision.undeliverable[0].address == "jane@acme.example");
  CHECK(decision.undeliverable[0].reason == "550 5.1.1 nobody \"here\"");
  CHECK(decision.undeliverable[0].outbox == 9);
  CHECK(decision.undeliverable[0].ticket == TicketId{17});
  CHECK(event_detail(decision, "mail_refused") ==
        "The update did not reach Jane@acme.example: the mail server says \"550 5.1.1 nobody 'here'\"");
  CHECK(event_detail(decision, "address_undeliverable").ends_with("ticketctl undeliverable clear jane@acme.example"));
}

TEST_CASE("Which answers to RCPT bar") {
  const std::tuple<const char*, const char*, bool> cases[] = {
      {"5.1.2", "550 5.1.2 no such domain", true},
      {"5.1.3", "553 5.1.3 bad syntax", true},
      {"5.1.6", "551 5.1.6 moved", true},
      {"5.1.10", "556 5.1.10 takes no mail", true},
      {"5.2.1", "550 5.2.1 mailbox disabled", true},
      {"5.2.1 at a rate", "550 5.2.1 The user you are trying to contact is receiving mail at a rate that is too high",
       false},
      {"", "550 User unknown", true},
      {"5.0.0", "550 5.0.0 No such user", true},
      {"", "550 mailbox unavailable", false},
      {"", "550 relay not permitted", false},
      {"", "554 no", false},
      {"5.2.2", "550 5.2.2 mailbox full, user unknown", false},
      {"5.7.1", "550 5.7.1 rejected: user unknown", false},
      {"5.7.54", "550 5.7.54 Unable to relay recipient in non-accepted domain", false},
      {"5.1.8", "550 5.1.8 Sender address rejected: Domain not found", false},
      {"", "550 Sender verify failed: no such user", false},
      {"5.5.1", "503 5.5.1 MAIL first", false},
  };
  for (const auto& [enhanced, text, bars] : cases) {
    INFO(text);
    const auto decision = refused(enhanced, text);
    CHECK(decision.undeliverable.size() == (bars ? 1 : 0));
    CHECK(decision.events.size() == (bars ? 2 : 0));
  }
}

}  // namespace
}  // namespace ticketd
