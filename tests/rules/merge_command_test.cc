#include <catch2/catch.hpp>

#include "tests/rules/mail_samples.h"

namespace ticketd {

using namespace std::chrono_literals;

namespace {

Ticket ticket_18() {
  auto ticket = ticket_17();
  ticket.number = TicketId{18};
  ticket.subject = "Fax again";
  ticket.requester = {"Carl", "carl@acme.example"};
  return ticket;
}

/// Ticket 17 goes into 18, by Ann.
struct MergeDesk {
  CommandContext context{TicketId{200}, ticket_17(), {"jane@acme.example", "bob@partner.example"}, {}, {}};
  Ruleset ruleset = sample_ruleset();
  Templates templates;
  Time now = tuesday_ten();

  MergeDesk() { context.other = ticket_18(); }

  [[nodiscard]] std::variant<Decision, Refusal> run(const StaffCommand& command = MergeCommand{TicketId{18}}) const {
    const Actor actor{"ann", &ruleset.staff[0]};
    const TokenSource tokens = [] { return std::string(32, 'f'); };
    return decide_command(command, context, actor, ruleset, templates, now, tokens);
  }
  [[nodiscard]] Decision done() const { return std::get<Decision>(run()); }
  [[nodiscard]] Refusal refused() const { return std::get<Refusal>(run()); }
};

}  // namespace

TEST_CASE("Merge makes two tickets one, and tells nobody") {
  MergeDesk desk;
  const auto decision = desk.done();
  CHECK(decision.ticket->number == TicketId{18});
  CHECK(decision.participants == desk.context.participants);
  CHECK(decision.outgoing.empty());
  REQUIRE(decision.absorbed);
  CHECK(decision.absorbed->number == TicketId{17});
  CHECK(decision.absorbed->status == TicketStatus::closed);
  CHECK(decision.absorbed->closed_at == desk.now);
  CHECK(decision.absorbed->merged_into == TicketId{18});
  REQUIRE(decision.events.size() == 2);
  CHECK(decision.events[0].ticket == TicketId{18});
  CHECK(decision.events[1].ticket == TicketId{17});
  CHECK(decision.events[1].detail == "Merged into ticket #18 by Ann Engineer; what is written to this one goes there.");
}

TEST_CASE("Whose the merged ticket is, and whether he has taken it") {
  struct Case {
    const char* name;
    Priority from, into;
    const char *from_assignee, *into_assignee;
    bool from_taken, into_taken;
    const char* assignee;
    bool taken;
  };
  using enum Priority;
  for (const auto& c :
       {Case{"an untaken Urgent into a taken Normal", urgent, normal, "", "Eva", false, true, "Eva", false},
        Case{"a taken Urgent into his own Normal", urgent, normal, "Eva", "Eva", true, true, "Eva", true},
        Case{"a taken one into one that he was given", urgent, urgent, "Eva", "Eva", true, false, "Eva", true},
        Case{"a taken one into somebody else's", urgent, urgent, "Eva", "Bob", true, false, "Bob", false},
        Case{"a taken Normal into an Urgent that nobody has", normal, urgent, "Eva", "", true, false, "Eva", false},
        Case{"a taken Urgent into one that nobody has", urgent, urgent, "Eva", "", true, false, "Eva", true},
        Case{"into a taken one", normal, urgent, "", "Bob", false, true, "Bob", true}}) {
    INFO(c.name);
    MergeDesk desk;
    desk.context.ticket->priority = c.from;
    desk.context.ticket->assignee = c.from_assignee;
    desk.context.ticket->taken = c.from_taken;
    desk.context.other->priority = c.into;
    desk.context.other->assignee = c.into_assignee;
    desk.context.other->taken = c.into_taken;
    const auto ticket = *desk.done().ticket;
    CHECK(ticket.assignee == c.assignee);
    CHECK(ticket.taken == c.taken);
  }
}

TEST_CASE("What was promised of either ticket stands") {
  MergeDesk desk;
  Ticket& from = *desk.context.ticket;
  Ticket& into = *desk.context.other;
  SECTION("the earlier answer") {
    from.response_due_at = desk.now + 30min;
    from.clock_from = desk.now;
    const auto ticket = *desk.done().ticket;
    CHECK(ticket.response_due_at == desk.now + 30min);
    CHECK(ticket.clock_from == desk.now);
  }
  SECTION("the later one does not push it back") {
    from.response_due_at = desk.now + 9h;
    CHECK(desk.done().ticket->response_due_at == into.response_due_at);
  }
  SECTION("an answer owed by one is owed by both") {
    into.responded_at = desk.now - 1min;
    const auto ticket = *desk.done().ticket;
    CHECK_FALSE(ticket.responded_at);
    CHECK(ticket.response_due_at == from.response_due_at);
  }
  SECTION("nothing is owed where both were answered") {
    from.responded_at = into.responded_at = desk.now - 1min;
    CHECK(desk.done().ticket->responded_at == into.responded_at);
  }
  SECTION("the higher category") {
    from.priority = Priority::urgent;
    from.requested_priority = Priority::urgent;
    from.labelled = true;
    const auto decision = desk.done();
    CHECK(decision.ticket->priority == Priority::urgent);
    CHECK(decision.ticket->labelled);
    CHECK(event_detail(decision, "category_changed") == "From Normal to Urgent, which the merged ticket had.");
  }
  SECTION("who works on it") {
    from.assignee = "Ben";
    from.status = TicketStatus::open;
    const auto ticket = *desk.done().ticket;
    CHECK(ticket.assignee == "Ben");
    CHECK(ticket.status == TicketStatus::open);
  }
  SECTION("a resolved one is open again when the other was not done") {
    into.status = TicketStatus::resolved;
    into.resolved_at = desk.now - 1h;
    const auto ticket = *desk.done().ticket;
    CHECK(ticket.status == TicketStatus::open);
    CHECK_FALSE(ticket.resolved_at);
  }
  SECTION("one that is done promises nothing") {
    from.status = TicketStatus::resolved;
    from.priority = Priority::urgent;
    into.status = TicketStatus::resolved;
    const auto ticket = *desk.done().ticket;
    CHECK(ticket.status == TicketStatus::resolved);
    CHECK(ticket.priority == Priority::normal);
  }
}

TEST_CASE("Nobody of the staff takes part in what a ticket of theirs is merged into") {
  MergeDesk desk;
  const auto everybody = desk.context.participants;
  desk.context.participants.push_back(desk.ruleset.staff.at(0).email);
  CHECK(desk.done().participants == everybody);
}

TEST_CASE("Nobody of another organization takes part") {
  MergeDesk desk;
  desk.context.ticket->organization = "rival.example";
  desk.context.ticket->requester.addr_spec = "carl@rival.example";
  desk.context.participants = {"carl@rival.example", "jim@acme.example"};
  const auto decision = desk.done();
  CHECK(decision.participants == std::vector<std::string>{"jim@acme.example"});
  CHECK(event_detail(decision, "ticket_merged").find("nobody of another organization") != std::string::npos);
}

TEST_CASE("A category that the other ticket had is a raise: an answer is owed by its target") {
  MergeDesk desk;
  desk.context.ticket->priority = Priority::urgent;
  desk.context.ticket->responded_at = desk.now - 1h;
  desk.context.ticket->estimate_at = desk.now + 2h;
  const auto ticket = *desk.done().ticket;
  CHECK(ticket.response_due_at == desk.now + 30min);
  CHECK_FALSE(ticket.responded_at);
  CHECK(ticket.estimate_at == desk.now + 2h);
}

TEST_CASE("What the clock has told of either ticket, the merged one says") {
  MergeDesk desk;
  Ticket& from = *desk.context.ticket;
  Ticket& into = *desk.context.other;
  SECTION("the page of an Urgent ticket goes on, although the other's promise is the earlier") {
    from.priority = Priority::urgent;
    from.notices.paged_at = desk.now - 5min;
    from.notices.page_repeats = 2;
    from.response_due_at = desk.now + 20min;
    into.priority = Priority::urgent;
    into.response_due_at = desk.now + 10min;
    into.notices.warned_at = desk.now - 1min;
    into.notices.paged_at = desk.now - 15min;
    into.notices.page_repeats = 1;
    const auto notices = desk.done().ticket->notices;
    CHECK(notices.warned_at == desk.now - 1min);
    CHECK(notices.paged_at == desk.now - 5min);
    CHECK(notices.page_repeats == 2);
  }
  SECTION("what it was paged itself stays when the other's promise is the earlier") {
    into.priority = Priority::urgent;
    into.notices.paged_at = desk.now - 5min;
    into.notices.page_repeats = 1;
    from.response_due_at = desk.now + 10min;
    const auto notices = desk.done().ticket->notices;
    CHECK(notices.paged_at == desk.now - 5min);
    CHECK(notices.page_repeats == 1);
  }
  SECTION("a category that rises is told, and paged") {
    from.priority = Priority::urgent;
    const auto decision = desk.done();
    CHECK(event_detail(decision, "staff_paged").starts_with("The ticket was raised to Urgent."));
    CHECK(decision.ticket->notices.paged_at == desk.now);
    CHECK(decision.ticket->check_at == desk.now + 10min);
  }
  SECTION("a promise of somebody who is shown to be true may page") {
    into.no_page_reason = "The sender failed authentication.";
    CHECK(desk.done().ticket->no_page_reason.empty());
    from.no_page_reason = into.no_page_reason;
    CHECK_FALSE(desk.done().ticket->no_page_reason.empty());
  }
}

TEST_CASE("Of two estimates the next one stands that has not passed") {
  struct Case {
    const char* name;
    std::optional<Duration> from, into;
    bool is_told_from, is_told_into;
    Duration stands;
    bool is_told;
  };
  const Case cases[] = {
      {"the earlier", 1h, 2h, false, false, 1h, false},
      {"the earlier, of the other", 2h, 1h, false, false, 1h, false},
      {"the only one", 1h, {}, false, false, 1h, false},
      {"the only one, told", -1h, {}, true, false, -1h, true},
      {"the later, for the earlier has passed", -1h, 2h, true, false, 2h, false},
      {"the later, for its own earlier has passed", 2h, -1h, false, true, 2h, false},
      {"the earlier of two that have passed", -1h, -2h, true, true, -2h, true},
  };
  for (const auto& c : cases) {
    INFO(c.name);
    MergeDesk desk;
    const auto set = [&](Ticket& ticket, std::optional<Duration> in, bool is_told) {
      if (in) ticket.estimate_at = desk.now + *in;
      if (is_told) ticket.notices.estimate_passed_at = ticket.estimate_at;
    };
    set(*desk.context.ticket, c.from, c.is_told_from);
    set(*desk.context.other, c.into, c.is_told_into);
    const auto ticket = *desk.done().ticket;
    CHECK(ticket.estimate_at == desk.now + c.stands);
    CHECK(ticket.notices.estimate_passed_at.has_value() == c.is_told);
  }
}

TEST_CASE("What can't be merged") {
  MergeDesk desk;
  SECTION("what was not looked up") {
    desk.context.other->number = TicketId{19};
    CHECK(desk.refused().kind == Refusal::Kind::no_such_ticket);
  }
  SECTION("into itself") {
    desk.context.ticket = ticket_18();
    CHECK(desk.refused().reason == "A ticket can't be merged into itself.");
  }
  SECTION("into none") {
    desk.context.other.reset();
    CHECK(desk.refused().kind == Refusal::Kind::no_such_ticket);
  }
  SECTION("spam, whose sender stays blocked by it") {
    desk.context.blocked_by = TicketId{17};
    CHECK(desk.refused().reason.find("marked as spam") != std::string::npos);
  }
  SECTION("into a closed one") {
    desk.context.other->status = TicketStatus::closed;
    CHECK(desk.refused().reason == "Ticket #18 is closed; reopen it first: ticketctl reopen 18");
  }
  SECTION("into one that was merged itself") {
    desk.context.other->merged_into = TicketId{3};
    CHECK(desk.refused().reason == "Ticket #18 was itself merged into #3; merge into that one.");
  }
}

TEST_CASE("Nothing is done with a merged ticket any more") {
  MergeDesk desk;
  desk.context.ticket->status = TicketStatus::closed;
  desk.context.ticket->merged_into = TicketId{18};
  const std::vector<StaffCommand> commands{TakeCommand{},    ReopenCommand{}, ReplyCommand{"x", false},
                                           NoteCommand{"x"}, SpamCommand{},   MergeCommand{TicketId{18}}};
  for (const auto& command : commands)
    CHECK(std::get<Refusal>(desk.run(command)).reason ==
          "Ticket #17 was merged into #18; work on that one: ticketctl show 18");
}

TEST_CASE("Spam") {
  MergeDesk desk;
  SECTION("is closed, and its sender blocked") {
    const auto decision = std::get<Decision>(desk.run(SpamCommand{}));
    CHECK(decision.ticket->status == TicketStatus::closed);
    CHECK(decision.outgoing.empty());
    REQUIRE(decision.sender_standing);
    CHECK(decision.sender_standing->address == "jane@acme.example");
    CHECK(decision.sender_standing->is_blocked);
    CHECK(event_detail(decision, "marked_as_spam") ==
          "Marked as spam by Ann Engineer. Further mail of jane@acme.example counts as spam, until the ticket is "
          "reopened.");
  }
  SECTION("of a colleague blocks nobody") {
    desk.context.ticket->requester.addr_spec = "Ann@example.com";
    CHECK_FALSE(std::get<Decision>(desk.run(SpamCommand{})).sender_standing);
  }
  SECTION("reopened, the sender is free again") {
    desk.context.ticket->status = TicketStatus::closed;
    desk.context.blocked_by = TicketId{17};
    const auto decision = std::get<Decision>(desk.run(ReopenCommand{}));
    REQUIRE(decision.sender_standing);
    CHECK_FALSE(decision.sender_standing->is_blocked);
  }
}

TEST_CASE("A sender is freed also while his ticket is open") {
  MergeDesk desk;
  desk.context.blocked_by = TicketId{12};
  const auto decision = std::get<Decision>(desk.run(ReopenCommand{}));
  REQUIRE(decision.sender_standing);
  CHECK_FALSE(decision.sender_standing->is_blocked);
  CHECK(decision.ticket->status == TicketStatus::new_);
  CHECK(has_event(decision, "sender_unblocked"));
}

TEST_CASE("A blocked sender reopens nothing, whatever he answers") {
  auto ticket = ticket_17();
  ticket.status = TicketStatus::closed;
  ticket.closed_at = tuesday_ten() - 1h;
  auto desk = reply_case("Re: [SUP-17] Fax prints blank pages", ticket);
  desk.context.blocked_by = TicketId{17};
  const auto decision = desk.decide();
  CHECK(decision.outcome == Outcome::follow_up);
  CHECK(decision.ticket->status == TicketStatus::closed);
  CHECK(decision.outgoing.empty());
}

TEST_CASE("Mail of a blocked sender is spam") {
  DeskCase desk;
  desk.context.blocked_by = TicketId{12};
  const auto decision = desk.decide();
  CHECK(decision.outgoing.empty());
  CHECK_FALSE(decision.ticket->response_due_at);
  CHECK(decision.classes == std::vector{MailClass::spam});
  CHECK(event_detail(decision, "mail_classified").find("ticket #12") != std::string::npos);
}

}  // namespace ticketd
