#include <catch2/catch.hpp>

#include "tests/rules/mail_samples.h"

namespace ticketd {

using namespace std::chrono_literals;

TEST_CASE("A mail becomes a ticket with an acknowledgement") {
  DeskCase desk;
  desk.email.subject = "AW: Urgent: phones down";
  desk.email.attachments = {{1, "log.txt", "text/plain", 12, "", false}};
  desk.add_field("X-Priority", "1 (Highest)");
  const auto decision = desk.decide();
  CHECK(decision.outcome == Outcome::new_ticket);
  CHECK(decision.opens);
  CHECK(decision.keeps_raw);
  CHECK(decision.acknowledges);
  CHECK_FALSE(decision.reasons.empty());
  REQUIRE(decision.ticket);
  const auto& ticket = *decision.ticket;
  CHECK(ticket.number == TicketId{200});
  CHECK(ticket.subject == "Urgent: phones down");
  CHECK(ticket.status == TicketStatus::new_);
  CHECK(ticket.priority == Priority::urgent);
  CHECK(ticket.requested_priority == Priority::urgent);
  CHECK(ticket.labelled);
  CHECK(ticket.requester == Mailbox{"Jane Doe", "jane@acme.example"});
  CHECK(ticket.organization == "Acme");
  CHECK(ticket.reported_at == desk.arrived.internal_date);
  CHECK(ticket.response_due_at == desk.now + 30min);
  REQUIRE(decision.messages.size() == 1);
  CHECK(decision.messages[0].attachments == desk.email.attachments);
  CHECK(decision.messages[0].importance == "1 (Highest)");
  CHECK(decision.messages[0].direction == Direction::in);
  REQUIRE(decision.outgoing.size() == 1);
  CHECK(decision.outgoing[0].kind == OutboxKind::acknowledgement);
  CHECK(decision.outgoing[0].recipients == std::vector<std::string>{"jane@acme.example"});
  for (const auto& event : decision.events) CHECK_FALSE(event.detail.empty());
}

TEST_CASE("The category of a new ticket") {
  struct Case {
    const char* name;
    std::string subject, from;
    Channel mailbox_channel;
    bool is_downgraded;
    Priority priority;
    std::optional<Priority> requested;
    bool invites;
  };
  const std::string jane = "jane@acme.example";
  const Case cases[] = {
      {"no label", "Fax", jane, Channel::portal, false, Priority::normal, {}, true},
      {"urgent", "Urgent: fax", jane, Channel::portal, false, Priority::urgent, Priority::urgent, false},
      {"high", "High: fax", jane, Channel::portal, false, Priority::high, Priority::high, false},
      {"normal", "Normal: fax", jane, Channel::portal, false, Priority::normal, Priority::normal, false},
      {"direct mailbox", "Urgent: fax", jane, Channel::direct, false, Priority::normal, Priority::urgent, false},
      {"direct without label", "Fax", jane, Channel::direct, false, Priority::normal, {}, false},
      {"SMS", "Urgent", "1555@sms.example.net", Channel::portal, false, Priority::normal, Priority::urgent, false},
      {"voicemail", "Urgent", "voicemail@pbx.example.com", Channel::portal, false, Priority::normal, Priority::urgent,
       false},
      {"staff", "Urgent", "ann@example.com", Channel::portal, false, Priority::normal, Priority::urgent, false},
      {"downgraded", "Urgent: fax", jane, Channel::portal, true, Priority::normal, Priority::urgent, false},
      {"downgraded without label", "Fax", jane, Channel::portal, true, Priority::normal, {}, false},
  };
  for (const auto& c : cases) {
    DYNAMIC_SECTION(c.name) {
      DeskCase desk;
      desk.email.subject = c.subject;
      desk.email.from = Mailbox{"", c.from};
      desk.arrived.mailbox_channel = c.mailbox_channel;
      if (c.is_downgraded) desk.context.downgraded_until = desk.now + 24h * 7;
      const auto decision = desk.decide();
      REQUIRE(decision.ticket);
      CHECK(decision.ticket->priority == c.priority);
      CHECK(decision.ticket->requested_priority == c.requested);
      CHECK(decision.ticket->labelled == c.requested.has_value());
      if (decision.outgoing.empty()) return;
      const auto text = plain_text_of(decision.outgoing[0].octets);
      CHECK((text.find("put one of these three words") != std::string::npos) == c.invites);
      const bool is_refused = c.requested && *c.requested != c.priority;
      CHECK((text.find("The subject asks for Urgent. ") != std::string::npos) == is_refused);
    }
  }
}

TEST_CASE("A downgrade that has ended counts no more") {
  DeskCase desk;
  desk.email.subject = "Urgent: fax";
  desk.context.downgraded_until = desk.now;
  CHECK(desk.decide().ticket->priority == Priority::urgent);
}

TEST_CASE("Response targets run on their clocks") {
  const std::tuple<const char*, std::string, Duration, Duration> cases[] = {
      {"urgent at night", "Urgent: x", 12h, 12h + 30min},
      {"high at night", "High: x", 12h, 14h},
      {"normal in office hours", "x", 0h, 4h},
      {"normal in the evening", "x", 5h + 30min, 24h + 1h},  // 15:30: two hours today, two from 9:00 tomorrow
  };
  for (const auto& [name, subject, arrival, due] : cases) {
    INFO(name);
    DeskCase desk;
    desk.email.subject = subject;
    desk.now += arrival;
    desk.arrived.internal_date = desk.now;
    CHECK(desk.decide().ticket->response_due_at == tuesday_ten() + due);
  }
}

TEST_CASE("The time of reporting is the mailbox's, clamped where it can't be true") {
  const std::tuple<const char*, Duration, Duration, bool, Duration, bool> cases[] = {
      {"just arrived", 0s, -24h, false, 0s, false},
      {"waited while the daemon was down", -5h, -24h, false, -5h, false},
      {"in the future", 2h, -24h, false, 0s, true},
      {"a clock some seconds ahead", 5s, -24h, false, 0s, false},
      {"older than the first contact", -48h, -24h, false, 0s, true},
      {"in the second of the first contact", -1s, -500ms, false, -1s, false},
      {"silent backlog keeps its date", -48h, -24h, true, -48h, false},
  };
  for (const auto& [name, date, contact, is_silent, reported, is_corrected] : cases) {
    INFO(name);
    DeskCase desk;
    desk.arrived.internal_date = desk.now + date;
    desk.arrived.first_contact = desk.now + contact;
    desk.arrived.silent = is_silent;
    const auto decision = desk.decide();
    CHECK(decision.ticket->reported_at == desk.now + reported);
    CHECK(has_event(decision, "reporting_time_corrected") == is_corrected);
  }
}

TEST_CASE("A pipe has no first contact") {
  DeskCase desk;
  desk.arrived.first_contact.reset();
  desk.arrived.internal_date = desk.now - 48h;
  CHECK(desk.decide().ticket->reported_at == desk.now - 48h);
}

TEST_CASE("Who takes part, and who is answered") {
  DeskCase desk;
  desk.email.from->addr_spec = "Jane@Acme.example";
  desk.email.to = {{"", "SUPPORT@example.com"}, {"", "Bob@partner.example"}, {"", "ann@example.com"}};
  desk.email.cc = {{"", "bob@partner.example"},
                   {"", "undisclosed"},
                   {"", "help@example.com"},
                   {"", "Eve@other.example"},
                   {"", "a b@other.example"}};
  CHECK(desk.decide().participants ==
        std::vector<std::string>{"jane@acme.example", "bob@partner.example", "eve@other.example"});
  for (int i = 0; i < 100; ++i) desk.email.cc.push_back({"", fmt::format("p{}@other.example", i)});
  CHECK(desk.decide().participants.size() == 50);
}

TEST_CASE("Reply-To counts within the organization only") {
  const std::tuple<const char*, std::string, std::string> cases[] = {
      {"none", "", "jane@acme.example"},
      {"a colleague", "desk@acme.example", "desk@acme.example"},
      {"another domain of the organization", "desk@acme.test", "desk@acme.test"},
      {"a stranger", "evil@other.example", "jane@acme.example"},
      {"the support address", "support@example.com", "jane@acme.example"},
      {"not an address", "acme.example", "jane@acme.example"},
  };
  for (const auto& [name, reply_to, expected] : cases) {
    INFO(name);
    DeskCase desk;
    if (!reply_to.empty()) desk.email.reply_to = {{"", reply_to}};
    const auto decision = desk.decide();
    CHECK(decision.ticket->reply_to == expected);
    CHECK(decision.outgoing[0].recipients == std::vector<std::string>{"jane@acme.example"});
  }
}

TEST_CASE("A mail without a sender is a ticket that nobody hears of") {
  DeskCase desk;
  desk.email.from.reset();
  const auto decision = desk.decide();
  CHECK(decision.outcome == Outcome::new_ticket);
  CHECK(decision.ticket->requester.addr_spec.empty());
  CHECK(decision.participants.empty());
  CHECK(decision.outgoing.empty());
  CHECK(decision.events[0].actor == "ticketd");
}

TEST_CASE("The admin's rules") {
  DeskCase desk;
  MailRule rule;
  rule.name = "monitoring";
  rule.from = "jane@acme\\.example";
  SECTION("set a priority, whatever the channel") {
    rule.priority = Priority::high;
    desk.arrived.mailbox_channel = Channel::direct;
    desk.ruleset.mail_rules = {rule};
    CHECK(desk.decide().ticket->priority == Priority::high);
  }
  SECTION("set organization and channel") {
    rule.organization = "Important";
    rule.channel = Channel::phone;
    desk.ruleset.mail_rules = {rule};
    const auto decision = desk.decide();
    CHECK(decision.ticket->organization == "Important");
    CHECK(decision.ticket->channel == Channel::phone);
    CHECK(decision.organization == "Important");
    CHECK(desk.query().organization == "Important");
  }
  SECTION("ignore") {
    rule.ignore = true;
    desk.ruleset.mail_rules = {rule};
    const auto decision = desk.decide();
    CHECK(decision.outcome == Outcome::ignored);
    CHECK_FALSE(decision.ticket);
    CHECK(decision.reason == "The rule \"monitoring\" ignores such mails.");
  }
  SECTION("spam") {
    rule.spam = true;
    desk.email.subject = "Urgent: buy now";
    desk.ruleset.mail_rules = {rule};
    const auto decision = desk.decide();
    CHECK(decision.outcome == Outcome::new_ticket);
    CHECK(decision.ticket->priority == Priority::normal);
    CHECK_FALSE(decision.ticket->response_due_at);
    CHECK(decision.outgoing.empty());
    CHECK(has_event(decision, "mail_classified"));
  }
}

TEST_CASE("An oversize mail is a ticket of what could be read") {
  DeskCase desk;
  desk.arrived.oversize = true;
  desk.arrived.original_size = 90'000'000;
  const auto decision = desk.decide();
  CHECK(decision.outcome == Outcome::oversize);
  CHECK(decision.opens);
  CHECK(event_detail(decision, "mail_oversize").find("90000000") != std::string::npos);
}

TEST_CASE("Octets that can't be read") {
  const auto decision = decide_unreadable(arrived_at(tuesday_ten()), "No header field can be read.");
  CHECK(decision.outcome == Outcome::quarantined);
  CHECK(decision.reason == "No header field can be read.");
  CHECK_FALSE(decision.ticket);
}

}  // namespace ticketd
