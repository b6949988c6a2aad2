#include <catch2/catch.hpp>

#include "tests/rules/mail_samples.h"

namespace ticketd {

using namespace std::chrono_literals;

namespace {

/// A command on ticket 17, by Ann.
struct CommandDesk {
  CommandContext context{TicketId{200},
                         ticket_17(),
                         {"jane@acme.example", "bob@partner.example"},
                         {"m1@acme.example", "a1@example.com"},
                         {}};
  Ruleset ruleset = sample_ruleset();
  Templates templates;
  Time now = tuesday_ten();
  bool is_mapped = true;

  [[nodiscard]] std::variant<Decision, Refusal> run(const StaffCommand& command) const {
    const Actor actor{"ann", is_mapped ? &ruleset.staff[0] : nullptr};
    const TokenSource tokens = [] { return std::string(32, 'f'); };
    return decide_command(command, context, actor, ruleset, templates, now, tokens);
  }
  [[nodiscard]] Decision done(const StaffCommand& command) const {
    return for_customer(std::get<Decision>(run(command)), ruleset);
  }
  [[nodiscard]] Refusal refused(const StaffCommand& command) const { return std::get<Refusal>(run(command)); }
};

}  // namespace

TEST_CASE("Spam in a forged name does not silence whose name it is") {
  CommandDesk desk;
  CHECK(desk.done(SpamCommand{}).sender_standing);
  desk.context.ticket->no_page_reason = "The sender failed authentication.";
  const auto decision = desk.done(SpamCommand{});
  CHECK_FALSE(decision.sender_standing);
  CHECK(decision.ticket->status == TicketStatus::closed);
}

TEST_CASE("Take") {
  CommandDesk desk;
  SECTION("a new ticket is open, and nobody has been answered yet") {
    const auto decision = desk.done(TakeCommand{});
    CHECK(decision.ticket->status == TicketStatus::open);
    CHECK(decision.ticket->assignee == "Ann Engineer");
    CHECK_FALSE(decision.ticket->responded_at);
    CHECK(decision.outgoing.empty());
    REQUIRE(decision.events.size() == 1);
    CHECK(decision.events[0].actor == "Ann Engineer");
    CHECK(decision.events[0].detail == "Taken by Ann Engineer.");
  }
  SECTION("from a colleague") {
    desk.context.ticket->assignee = "Ben";
    CHECK(desk.done(TakeCommand{}).events[0].detail == "Taken by Ann Engineer. It was with Ben before.");
  }
  SECTION("twice changes nothing") {
    desk.context.ticket = desk.done(TakeCommand{}).ticket;
    CHECK(desk.done(TakeCommand{}).events.empty());
  }
  SECTION("a resolved ticket stays resolved") {
    desk.context.ticket->status = TicketStatus::resolved;
    CHECK(desk.done(TakeCommand{}).ticket->status == TicketStatus::resolved);
  }
  SECTION("needs a login that is mapped to staff") {
    desk.is_mapped = false;
    const auto refusal = desk.refused(TakeCommand{});
    CHECK(refusal.kind == Refusal::Kind::not_permitted);
    CHECK(refusal.reason.find("login = \"ann\"") != std::string::npos);
  }
  SECTION("not a closed ticket") {
    desk.context.ticket->status = TicketStatus::closed;
    CHECK(desk.refused(TakeCommand{}).kind == Refusal::Kind::unusable);
  }
}

TEST_CASE("Reply") {
  CommandDesk desk;
  SECTION("is the response, and reaches everybody but staff") {
    desk.context.ticket->reply_to = "desk@acme.example";
    desk.context.participants.push_back(desk.ruleset.staff.at(0).email);
    const auto decision = desk.done(ReplyCommand{"We are on it.\n", false});
    CHECK(decision.ticket->status == TicketStatus::open);
    CHECK(decision.ticket->responded_at == desk.now);
    CHECK_FALSE(owes_response(*decision.ticket));
    CHECK(event_detail(decision, "response_given") == "First answer by a person, 3 hours before it was due.");
    REQUIRE(decision.outgoing.size() == 1);
    const auto& mail = decision.outgoing[0];
    CHECK(mail.kind == OutboxKind::reply);
    CHECK(mail.recipients == std::vector<std::string>{"desk@acme.example", "bob@partner.example"});
    CHECK(field_of(mail.octets, "To") == "Jane Doe <desk@acme.example>");
    CHECK(field_of(mail.octets, "Cc") == "<bob@partner.example>");
    CHECK(field_of(mail.octets, "In-Reply-To") == "<a1@example.com>");
    CHECK(field_of(mail.octets, "References") == "<m1@acme.example> <a1@example.com>");
    CHECK(field_of(mail.octets, "Auto-Submitted").empty());
    REQUIRE(decision.messages.size() == 1);
    CHECK(decision.messages[0].direction == Direction::out);
    CHECK(decision.messages[0].message_id == mail.message_id);
    CHECK_FALSE(decision.keeps_raw);
  }
  SECTION("to the requester alone when participants are not copied") {
    desk.ruleset.support.copy_participants = false;
    CHECK(desk.done(ReplyCommand{"x", false}).outgoing[0].recipients == std::vector<std::string>{"jane@acme.example"});
  }
  SECTION("a second one is no first response") {
    desk.context.ticket->responded_at = desk.now - 1h;
    const auto decision = desk.done(ReplyCommand{"x", false});
    CHECK(decision.ticket->responded_at == desk.now - 1h);
    CHECK_FALSE(has_event(decision, "response_given"));
  }
  SECTION("late") {
    desk.now += 5h;
    CHECK(event_detail(desk.done(ReplyCommand{"x", false}), "response_given") ==
          "First answer by a person, 2 hours after it was due.");
  }
  SECTION("and resolve") {
    const auto decision = desk.done(ReplyCommand{"A new cable did it.", true});
    CHECK(decision.ticket->status == TicketStatus::resolved);
    CHECK(decision.outgoing[0].kind == OutboxKind::resolution);
    CHECK(plain_text_of(decision.outgoing[0].octets).find("A new cable did it.") != std::string::npos);
  }
  SECTION("an unmapped login signs for the desk") {
    desk.is_mapped = false;
    const auto decision = desk.done(ReplyCommand{"x", false});
    CHECK(decision.events[0].actor == "ann");
    CHECK(plain_text_of(decision.outgoing[0].octets).starts_with("x\n\n-- \nExample Support\n"));
  }
  SECTION("needs a text") { CHECK(desk.refused(ReplyCommand{" \n", false}).reason == "An answer needs a text."); }
  SECTION("needs an address") {
    desk.context.ticket->reply_to = "+15550100";
    CHECK(desk.refused(ReplyCommand{"x", false}).kind == Refusal::Kind::unusable);
  }
}

TEST_CASE("A reply kept from a requester whose mail comes back is no response") {
  CommandDesk desk;
  desk.context.undeliverable = Undeliverable{"jane@acme.example", desk.now, "550 gone", 7, TicketId{17}};
  const auto decision = desk.done(ReplyCommand{"We are on it.", false});
  CHECK_FALSE(decision.ticket->responded_at);
  CHECK(owes_response(*decision.ticket));
  CHECK_FALSE(has_event(decision, "response_given"));
  CHECK_FALSE(has_event(decision, "reply_sent"));
  CHECK(event_detail(decision, "reply_withheld") == "An answer was written by Ann Engineer.");
  CHECK(event_detail(decision, "mail_impossible") ==
        "The customer is not told, for mail to jane@acme.example came back: 550 gone");
  CHECK(decision.outgoing.size() == 1);  // kept, for when the address works again
}

TEST_CASE("Resolve") {
  CommandDesk desk;
  SECTION("is mailed, asks to test and counts as the response") {
    const auto decision = desk.done(ResolveCommand{});
    CHECK(decision.ticket->status == TicketStatus::resolved);
    CHECK(decision.ticket->resolved_at == desk.now);
    CHECK(decision.ticket->responded_at == desk.now);
    REQUIRE(decision.outgoing.size() == 1);
    const auto& mail = decision.outgoing[0];
    CHECK(mail.kind == OutboxKind::resolution);
    CHECK(field_of(mail.octets, "Auto-Submitted") == "auto-generated");
    const auto text = plain_text_of(mail.octets);
    CHECK(text.find("Please test") != std::string::npos);
    CHECK(text.find("after 3 working days") != std::string::npos);
    CHECK(text.find("within 14 days") != std::string::npos);
  }
  SECTION("with words of a person") {
    CHECK(field_of(desk.done(ResolveCommand{"Done."}).outgoing[0].octets, "Auto-Submitted").empty());
  }
  SECTION("without an address: no mail, and the log says so") {
    desk.context.ticket->reply_to.clear();
    const auto decision = desk.done(ResolveCommand{});
    CHECK(decision.ticket->status == TicketStatus::resolved);
    CHECK(decision.outgoing.empty());
    CHECK(has_event(decision, "mail_impossible"));
    CHECK_FALSE(owes_response(*decision.ticket));
  }
  SECTION("kept from a requester whose mail comes back: the log says that he was not told") {
    desk.context.undeliverable = Undeliverable{"jane@acme.example", desk.now, "550 gone", 7, TicketId{17}};
    const auto decision = desk.done(ResolveCommand{"Done."});
    CHECK(decision.ticket->status == TicketStatus::resolved);
    CHECK_FALSE(decision.ticket->responded_at);
    CHECK(decision.reason == "Resolved by Ann Engineer. The customer was not told.");
    CHECK(has_event(decision, "mail_impossible"));
  }
  for (const auto status : {TicketStatus::resolved, TicketStatus::closed}) {
    desk.context.ticket->status = status;
    CHECK(desk.refused(ResolveCommand{}).reason == fmt::format("Ticket #17 is {} already.", name_of(status)));
  }
}

TEST_CASE("New") {
  struct Case {
    const char* name;
    Channel channel;
    std::string from, subject;
    Priority priority;
    bool is_acknowledged;
  };
  const std::string joe = "Joe@acme.example";
  const Case cases[] = {
      {"phone", Channel::phone, joe, "Urgent: fax", Priority::normal, true},
      {"direct", Channel::direct, joe, "Urgent: fax", Priority::normal, true},
      {"text message", Channel::sms, joe, "Urgent: fax", Priority::normal, false},
      {"portal", Channel::portal, joe, "Urgent: fax", Priority::urgent, true},
      {"a telephone number", Channel::phone, "+1 555 0101", "Fax", Priority::normal, false},
      {"an attack", Channel::phone, "a@b.example\r\nBcc: c@d.example", "Fax\r\nBcc: c@d.example", Priority::normal,
       false},
  };
  for (const auto& c : cases) {
    DYNAMIC_SECTION(c.name) {
      CommandDesk desk;
      desk.context.ticket.reset();
      const auto decision = desk.done(NewCommand{{"Joe", c.from}, c.subject, "It is broken.", c.channel});
      CHECK(decision.outcome == Outcome::new_ticket);
      CHECK(decision.opens);
      const auto& ticket = *decision.ticket;
      CHECK(ticket.number == TicketId{200});
      CHECK(ticket.priority == c.priority);
      CHECK(ticket.channel == c.channel);
      CHECK(ticket.reported_at == desk.now);
      CHECK(owes_response(ticket));
      CHECK(ticket.subject.find('\n') == std::string::npos);
      CHECK(decision.acknowledges == c.is_acknowledged);
      CHECK(decision.outgoing.size() == (c.is_acknowledged ? 1 : 0));
      CHECK(decision.messages[0].text == "It is broken.");
      CHECK(decision.participants.size() == (ticket.reply_to.empty() ? 0 : 1));  // never the desk itself
    }
  }
  CommandDesk desk;
  CHECK(desk.refused(NewCommand{{"", " "}, "Fax", "", Channel::phone}).kind == Refusal::Kind::unusable);
  CHECK(desk.refused(NewCommand{{"", joe}, "\r\n", "", Channel::phone}).kind == Refusal::Kind::unusable);
  CHECK(desk.refused(NewCommand{{"", "support@example.com"}, "Fax", "", Channel::phone}).reason ==
        "support@example.com is this desk's own address; name whoever reports it.");
  CHECK(desk.refused(NewCommand{{"", "a@b.example, c@d.example"}, "Fax", "", Channel::phone}).reason ==
        "A ticket has one requester; write only one address, and the others later.");
}

TEST_CASE("A command on no ticket is refused") {
  CommandDesk desk;
  desk.context.ticket.reset();
  CHECK(desk.refused(TakeCommand{}).reason == "There is no such ticket.");
}

TEST_CASE("Assign") {
  CommandDesk desk;
  auto ben = desk.ruleset.staff[0];
  ben.name = "Ben Duty";
  ben.login = "ben";
  ben.email = "ben@example.com";
  desk.ruleset.staff.push_back(ben);
  for (const char* words : {"Ben Duty", "ben", "BEN@example.com", " ben duty "}) {
    INFO(words);
    const auto decision = desk.done(AssignCommand{words});
    CHECK(decision.ticket->assignee == "Ben Duty");
    CHECK(decision.ticket->status == TicketStatus::open);
    CHECK_FALSE(decision.ticket->responded_at);
    CHECK(event_detail(decision, "ticket_assigned") == "Given to Ben Duty by Ann Engineer.");
  }
  SECTION("it is taken by whoever says so himself") {
    CHECK_FALSE(desk.done(AssignCommand{"ben"}).ticket->taken);
    desk.context.ticket = desk.done(AssignCommand{"ann"}).ticket;
    CHECK(desk.context.ticket->taken);
    CHECK(desk.done(AssignCommand{"ann"}).ticket->taken);
    CHECK_FALSE(desk.done(AssignCommand{"ben"}).ticket->taken);
    desk.context.ticket->taken = false;
    const auto decision = desk.done(TakeCommand{});
    CHECK(decision.ticket->taken);
    CHECK(has_event(decision, "ticket_taken"));
  }
  CHECK(desk.refused(AssignCommand{"Bob"}).reason ==
        "\"Bob\" is no member of the staff; there is: Ann Engineer, Ben Duty.");
  CHECK(desk.refused(AssignCommand{""}).kind == Refusal::Kind::unusable);
  desk.context.ticket->assignee = "Ann Engineer";
  CHECK(event_detail(desk.done(AssignCommand{"ben"}), "ticket_assigned") ==
        "Given to Ben Duty by Ann Engineer. It was with Ann Engineer before.");
  desk.context.ticket->status = TicketStatus::closed;
  CHECK(desk.refused(AssignCommand{"ben"}).reason.find("reopen it first") != std::string::npos);
}

TEST_CASE("Note") {
  CommandDesk desk;
  const auto decision = desk.done(NoteCommand{" He sounded angry.\n"});
  REQUIRE(decision.messages.size() == 1);
  CHECK(decision.messages[0].direction == Direction::note);
  CHECK(decision.messages[0].text == "He sounded angry.");
  CHECK(decision.messages[0].from == Mailbox{"Ann Engineer", "ann@example.com"});
  CHECK(decision.outgoing.empty());
  CHECK(decision.ticket->status == TicketStatus::new_);
  CHECK(owes_response(*decision.ticket));
  CHECK(desk.refused(NoteCommand{" \n"}).kind == Refusal::Kind::unusable);
}

TEST_CASE("Prioritize") {
  CommandDesk desk;
  SECTION("raised: the target counts from now, and an answer is owed again") {
    desk.context.ticket->responded_at = desk.now - 10min;
    const auto decision = desk.done(PrioritizeCommand{Priority::urgent, "whole site"});
    CHECK(decision.ticket->priority == Priority::urgent);
    CHECK(decision.ticket->response_due_at == desk.now + 30min);
    CHECK_FALSE(decision.ticket->responded_at);
    CHECK(event_detail(decision, "category_changed") == "From Normal to Urgent by Ann Engineer: whole site");
    CHECK(decision.outgoing.empty());
  }
  SECTION("lowered: from the time of reporting") {
    desk.context.ticket->priority = Priority::urgent;
    const auto decision = desk.done(PrioritizeCommand{Priority::high, ""});
    CHECK(decision.ticket->response_due_at == desk.now + 1h);
    CHECK(event_detail(decision, "category_changed") == "From Urgent to High by Ann Engineer.");
  }
  SECTION("a resolved one is lowered, but reopened before it is raised") {
    desk.context.ticket->priority = Priority::high;
    desk.context.ticket->status = TicketStatus::resolved;
    CHECK(desk.refused(PrioritizeCommand{Priority::urgent, ""}).reason ==
          "Ticket #17 is resolved; reopen it first: ticketctl reopen 17");
    CHECK(desk.done(PrioritizeCommand{Priority::normal, ""}).ticket->priority == Priority::normal);
  }
  SECTION("the same is refused") {
    CHECK(desk.refused(PrioritizeCommand{Priority::normal, ""}).kind == Refusal::Kind::unusable);
  }
}

TEST_CASE("Close and reopen") {
  CommandDesk desk;
  const auto closed = desk.done(CloseCommand{});
  CHECK(closed.ticket->status == TicketStatus::closed);
  CHECK(closed.ticket->closed_at == desk.now);
  CHECK(closed.outgoing.empty());
  CHECK(event_detail(closed, "ticket_closed") ==
        "Closed by Ann Engineer. The customer had not been answered. The customer is told nothing.");
  CHECK_FALSE(owes_response(*closed.ticket));
  CHECK_FALSE(is_breached(*closed.ticket, desk.now + 24h));
  desk.context.ticket = closed.ticket;
  CHECK(desk.refused(CloseCommand{}).kind == Refusal::Kind::unusable);
  desk.now += 24h;
  const auto opened = desk.done(ReopenCommand{});
  CHECK(opened.ticket->status == TicketStatus::open);
  CHECK_FALSE(opened.ticket->closed_at);
  CHECK(opened.ticket->response_due_at == desk.now + 4h);
  CHECK(opened.ticket->clock_from == desk.now);
  CHECK(event_detail(opened, "ticket_reopened") ==
        "Reopened by Ann Engineer. It was closed; an answer is due 2026-11-25 14:00 (UTC).");
  desk.context.ticket = opened.ticket;
  CHECK(desk.refused(ReopenCommand{}).reason.find("is open") != std::string::npos);
}

TEST_CASE("Close after silence") {
  CommandDesk desk;
  desk.context.ticket->status = TicketStatus::resolved;
  desk.context.ticket->resolved_at = desk.now - 72h;
  desk.context.ticket->responded_at = desk.now - 72h;
  SECTION("tells nobody") {
    const auto closed = desk.done(CloseCommand{true});
    CHECK(closed.ticket->status == TicketStatus::closed);
    CHECK(closed.outgoing.empty());
    CHECK(event_detail(closed, "ticket_closed") ==
          "Closed: nobody has written for 3 days since it was resolved, days on which the office is closed not "
          "counted. The "
          "customer is told nothing.");
  }
  SECTION("unless the admin has written a text for it") {
    REQUIRE(desk.templates.replace("closed.txt", "Subject: {subject}\n\nYou have {reopen_within}.\n").empty());
    const auto closed = desk.done(CloseCommand{true});
    REQUIRE(closed.outgoing.size() == 1);
    CHECK(closed.outgoing[0].kind == OutboxKind::closed);
    CHECK(plain_text_of(closed.outgoing[0].octets) == "You have 14 days.\n");
    CHECK(closed.messages.size() == 1);
  }
}

TEST_CASE("Estimate") {
  CommandDesk desk;
  SECTION("is told to the customer, and is the response") {
    const auto decision = desk.done(EstimateCommand{"14:30"});
    CHECK(decision.ticket->estimate_at == desk.now + 4h + 30min);
    CHECK(decision.ticket->status == TicketStatus::open);
    CHECK(decision.ticket->responded_at == desk.now);
    REQUIRE(decision.outgoing.size() == 1);
    CHECK(decision.outgoing[0].kind == OutboxKind::update);
    CHECK(plain_text_of(decision.outgoing[0].octets).find("by 14:30 today (UTC)") != std::string::npos);
    CHECK(event_detail(decision, "estimate_given") == "Expected to be resolved by 2026-11-24 14:30 (UTC).");
  }
  SECTION("without an address it only stands in the ticket") {
    desk.context.ticket->reply_to.clear();
    const auto decision = desk.done(EstimateCommand{"2h"});
    CHECK(decision.ticket->estimate_at == desk.now + 2h);
    CHECK(decision.outgoing.empty());
    CHECK_FALSE(decision.ticket->responded_at);
  }
  SECTION("of nothing later") { CHECK(desk.refused(EstimateCommand{"soon"}).reason.find("\"soon\"") == 0); }
  SECTION("of what is resolved") {
    desk.context.ticket->status = TicketStatus::resolved;
    CHECK(desk.refused(EstimateCommand{"2h"}).kind == Refusal::Kind::unusable);
  }
}

}  // namespace ticketd
