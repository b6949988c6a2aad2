// What staff pass on (service-rules §3).
#include "rules/forward.h"

#include <catch2/catch.hpp>

#include "tests/rules/incident_samples.h"

namespace ticketd {
namespace {

const std::string kForwarded =
    "For us.\n\n---------- Forwarded message ---------\nFrom: Bo Ek <Bo@client.example>\n"
    "Date: Tue, Nov 24, 2026 at 9:31 AM\nSubject: Urgent: phones down\n"
    "To: Ann <ann@example.com>, <lea@client.example>, <support@example.com>\n\nAll of them.\n";

/// Ann forwards Bo's mail.
struct ForwardDesk : DeskCase {
  explicit ForwardDesk(const std::string& text = kForwarded) {
    email.from = Mailbox{"Ann Engineer", "ann@example.com"};
    email.header = {{"From", "Ann Engineer <ann@example.com>"}};
    email.subject = "Fwd: Urgent: phones down";
    email.text = text;
  }
  void attach(const std::string& original) {
    arrived.octets =
        "From: ann@example.com\r\nTo: support@example.com\r\nSubject: Fwd: Phones\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=f\r\n\r\n--f\r\n\r\nFor us.\r\n--f\r\n"
        "Content-Type: message/rfc822\r\n\r\n" +
        original + "\r\n--f--\r\n";
    email = std::get<Email>(parse_email(arrived.octets));
  }
  void check_authentication(const std::string& verdict) {
    ruleset.authserv_id = "mx.example.com";
    add_field("Authentication-Results", "mx.example.com; dmarc=" + verdict + " header.from=example.com");
  }
};

std::vector<std::string> acknowledged(const Decision& decision) {
  for (const auto& mail : decision.outgoing)
    if (mail.kind == OutboxKind::acknowledgement) return mail.recipients;
  return {};
}

bool is_forwarded(const Decision& decision) {
  return std::ranges::find(decision.classes, MailClass::forwarded) != decision.classes.end();
}

}  // namespace

TEST_CASE("The requester of a forwarded mail is its original sender") {
  const ForwardDesk desk;
  const auto decision = desk.decide();
  REQUIRE(decision.ticket);
  const auto& ticket = *decision.ticket;
  CHECK(decision.outcome == Outcome::new_ticket);
  CHECK(is_forwarded(decision));
  CHECK(ticket.requester == Mailbox{"Bo Ek", "Bo@client.example"});
  CHECK(ticket.reply_to == "Bo@client.example");
  CHECK(ticket.organization == "client.example");
  CHECK(decision.organization == "client.example");
  CHECK(ticket.channel == Channel::direct);
  CHECK(ticket.priority == Priority::normal);
  CHECK(ticket.requested_priority == Priority::urgent);
  CHECK(decision.participants == std::vector<std::string>{"bo@client.example", "lea@client.example"});
  CHECK(decision.messages.at(0).from.addr_spec == "ann@example.com");
  CHECK(decision.messages.at(0).text == kForwarded);
  CHECK(decision.keeps_raw);
  CHECK(event_detail(decision, "mail_forwarded").find("Ann Engineer passed on a mail of bo@client.example") == 0);
  CHECK_FALSE(has_event(decision, "sender_is_staff"));
  CHECK(std::ranges::any_of(decision.reasons, [](const auto& reason) { return reason.starts_with("Forwarded: "); }));
}

TEST_CASE("An incident's words are looked for in the original of a forwarded mail") {
  ForwardDesk desk;
  std::string words = "all of them";
  SECTION("in the text of one that stands there") {}
  SECTION("in the text of one that is attached") {
    desk.attach("From: Bo <bo@client.example>\r\nSubject: Phones\r\n\r\nAll of them.");
  }
  SECTION("in its subject") {
    desk.attach("From: Bo <bo@client.example>\r\nSubject: No dial tone\r\n\r\nPlease help.");
    words = "dial tone";
  }
  desk.context.incidents = {open_incident(3, IncidentMatch::words, words)};
  CHECK(desk.decide().ticket->incident == 3);
  desk.context.incidents = {open_incident(3, IncidentMatch::words, "fax")};
  CHECK_FALSE(desk.decide().ticket->incident);
}

TEST_CASE("Limits of a forwarded mail are those of its original sender") {
  const ForwardDesk desk;
  const auto query = desk.query();
  CHECK(query.sender == "bo@client.example");
  CHECK(query.organization == "client.example");
}

TEST_CASE("Why what staff report, and what they pass on, is Normal") {
  const auto category = [](const std::string& text) {
    return event_detail(ForwardDesk(text).decide(), "category_set");
  };
  CHECK(
      category("The printer is broken.\n") ==
      "Normal: The subject asks for Urgent. What our own staff report is handled as Normal whatever its subject says, "
      "until somebody at the desk sets another category.");
  CHECK(category(kForwarded).find("Requests that reach us by mail to a member of our staff are always") !=
        std::string::npos);
}

TEST_CASE("Whom a ticket of staff's mail is of") {
  const std::string header =
      "---------- Forwarded message ---------\nDate: Tue, Nov 24, 2026 at 9:31 AM\n"
      "Subject: Phones\nTo: ann@example.com\nFrom: ";
  struct Case {
    const char* name;
    std::string text;
    const char* requester;
    bool forwarded;
  };
  const std::vector<Case> cases{
      {"a forward", kForwarded, "Bo@client.example", true},
      {"a mail of her own", "The printer is broken.\n", "ann@example.com", false},
      {"no address to be found", header + "Bo Ek\n\nDead.\n", "ann@example.com", true},
      {"of herself", header + "Ann <ANN@example.com>\n\nDead.\n", "ann@example.com", true},
      {"of the desk", header + "Support <support@example.com>\n\nDead.\n", "ann@example.com", true},
      {"a name alone, above the mail of a third person", header + "Jo Doe\n\nDead.\n\n" + kForwarded, "ann@example.com",
       true},
      {"her own name alone, above the customer's", header + "Engineer, Ann\n\nHm.\n\n" + kForwarded,
       "Bo@client.example", true},
      {"of herself, above the customer's", header + "Ann <ann@example.com>\n\nHm.\n\n" + kForwarded,
       "Bo@client.example", true},
  };
  for (const auto& example : cases) {
    INFO(example.name);
    const auto decision = ForwardDesk(example.text).decide();
    REQUIRE(decision.ticket);
    CHECK(decision.ticket->requester.addr_spec == example.requester);
    CHECK(is_forwarded(decision) == example.forwarded);
    CHECK(has_event(decision, "sender_is_staff") == (decision.ticket->requester.addr_spec == "ann@example.com"));
    CHECK(decision.ticket->channel == Channel::direct);
  }
}

TEST_CASE("A customer who forwards a mail is its requester") {
  DeskCase desk;
  desk.email.subject = "Fwd: phones down";
  desk.email.text = kForwarded;
  const auto decision = desk.decide();
  CHECK(decision.ticket->requester.addr_spec == "jane@acme.example");
  CHECK(decision.ticket->channel == Channel::portal);
  CHECK_FALSE(is_forwarded(decision));
}

TEST_CASE("An attached mail names the requester, and its text is part of the conversation") {
  ForwardDesk desk;
  const std::string from =
      "From: Bo Ek <bo@client.example>\r\nTo: ann@example.com\r\nCc: lea@client.example\r\n"
      "Message-ID: <o1@client.example>\r\nSubject: Phones\r\n";
  SECTION("of a customer") {
    desk.attach(from + "Reply-To: desk@client.example\r\n\r\nAll phones are dead.\r\n");
    const auto decision = desk.decide();
    REQUIRE(decision.ticket);
    CHECK(is_forwarded(decision));
    CHECK(decision.ticket->requester == Mailbox{"Bo Ek", "bo@client.example"});
    CHECK(decision.ticket->reply_to == "desk@client.example");
    CHECK(decision.participants == std::vector<std::string>{"bo@client.example", "lea@client.example"});
    CHECK(decision.messages.at(0).text.find("All phones are dead.") != std::string::npos);
    CHECK(decision.messages.at(0).text.find("For us.") == 0);
    CHECK(acknowledged(decision) == std::vector<std::string>{"bo@client.example"});
    CHECK(field_of(decision.outgoing.at(0).octets, "In-Reply-To") == "<o1@client.example>");
  }
  SECTION("that a machine wrote gets no answer") {
    desk.attach(from + "Auto-Submitted: auto-replied\r\n\r\nI am away.\r\n");
    const auto decision = desk.decide();
    CHECK(decision.ticket->requester.addr_spec == "bo@client.example");
    CHECK(acknowledged(decision).empty());
    CHECK(decision.acknowledgement_reason.find("auto_reply mail") != std::string::npos);
  }
  SECTION("of staff is none") {
    desk.attach("From: ann@example.com\r\nSubject: x\r\n\r\nx\r\n");
    CHECK(desk.decide().ticket->requester.addr_spec == "ann@example.com");
  }
}

TEST_CASE("The acknowledgement of a forwarded mail") {
  ForwardDesk desk;
  SECTION("goes to the original sender, without a word of the mail while its sender is unchecked") {
    const auto decision = desk.decide();
    CHECK(acknowledged(decision) == std::vector<std::string>{"Bo@client.example"});
    CHECK(decision.outgoing.at(0).octets.find("phones down") == std::string::npos);
  }
  SECTION("names the subject when the sender is shown to be staff") {
    desk.check_authentication("pass");
    const auto decision = desk.decide();
    CHECK(acknowledged(decision) == std::vector<std::string>{"Bo@client.example"});
    CHECK(decision.outgoing.at(0).octets.find("phones down") != std::string::npos);
  }
  SECTION("does not go to whom a forger names") {
    desk.check_authentication("fail");
    const auto decision = desk.decide();
    CHECK_FALSE(is_forwarded(decision));
    CHECK(decision.ticket->requester.addr_spec == "ann@example.com");
    CHECK(decision.ticket->no_page_reason != "");
    for (const auto& mail : decision.outgoing) CHECK(mail.recipients != std::vector<std::string>{"Bo@client.example"});
  }
  SECTION("is held back by the limit of the original sender") {
    desk.context.automatic_answers_to_sender = 10;
    const auto decision = desk.decide();
    CHECK(acknowledged(decision).empty());
    CHECK(decision.acknowledgement_reason.find("bo@client.example has had 10") != std::string::npos);
  }
  SECTION("is held back when mail to the original sender came back, and the address stays on that list") {
    desk.context.undeliverable = Undeliverable{"bo@client.example", desk.now, "550 no such user", 1};
    const auto decision = desk.decide();
    CHECK(acknowledged(decision).empty());
    CHECK(decision.deliverable.empty());
  }
  SECTION("is held back when the original sender is blocked") {
    desk.context.blocked_by = TicketId{7};
    const auto decision = desk.decide();
    CHECK(acknowledged(decision).empty());
    CHECK(decision.acknowledgement_reason.find("ticket #7 of its original sender") != std::string::npos);
  }
  SECTION("is not sent to an address that takes none") {
    desk.email.text =
        "---------- Forwarded message ---------\nFrom: <noreply@client.example>\n"
        "Date: Tue, Nov 24, 2026 at 9:31 AM\nSubject: x\nTo: ann@example.com\n\nx\n";
    CHECK(acknowledged(desk.decide()).empty());
  }
}

TEST_CASE("A mail of staff in a ticket's thread is not the original sender's word") {
  auto desk = reply_case("Fwd: [SUP-17] Fax prints blank pages");
  desk.email.from = Mailbox{"Ann Engineer", "ann@example.com"};
  desk.email.header = {{"From", "ann@example.com"}};
  desk.email.text =
      "---------- Forwarded message ---------\nFrom: <jane@acme.example>\n"
      "Date: Tue, Nov 24, 2026 at 9:31 AM\nSubject: Urgent: fax\nTo: ann@example.com\n\nx\n";
  const auto decision = desk.decide();
  CHECK(decision.outcome == Outcome::staff);
  CHECK(decision.ticket->priority == Priority::normal);
  CHECK(has_event(decision, "sender_unverified"));
  CHECK(decision.messages.at(0).direction == Direction::in);
}

TEST_CASE("A mail that staff bounced in is its original sender's, and direct") {
  DeskCase desk;
  desk.email.subject = "Urgent: phones down";
  struct Case {
    const char* name;
    const char* field;
    const char* value;
    Channel channel;
  };
  const std::vector<Case> cases{
      {"by staff", "Resent-From", "Ann Engineer <ANN@example.com>", Channel::direct},
      {"in the name of the office", "Resent-Sender", "ann@example.com", Channel::direct},
      {"by somebody else", "Resent-From", "bob@partner.example", Channel::portal},
      {"a name that looks like it", "Resent-From", "\"ann@example.com\" <bob@partner.example>", Channel::portal},
      {"to staff", "Resent-To", "ann@example.com", Channel::portal},
  };
  for (const auto& example : cases) {
    INFO(example.name);
    auto one = desk;
    one.add_field(example.field, example.value);
    const auto decision = one.decide();
    CHECK(decision.ticket->channel == example.channel);
    CHECK(is_forwarded(decision) == (example.channel == Channel::direct));
    CHECK(decision.ticket->priority == (example.channel == Channel::direct ? Priority::normal : Priority::urgent));
    CHECK(decision.ticket->requester.addr_spec == "jane@acme.example");
    CHECK(acknowledged(decision) == std::vector<std::string>{"jane@acme.example"});
  }
}

}  // namespace ticketd
