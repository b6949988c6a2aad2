#include <catch2/catch.hpp>

#include "rules/subject_label.h"
#include "tests/rules/mail_samples.h"

namespace ticketd {

using namespace std::chrono_literals;

namespace {

const std::string kJane = "jane@acme.example";

std::string answered_with(const Decision& decision) {
  if (decision.outgoing.empty()) return "nothing";
  const auto text = plain_text_of(decision.outgoing[0].octets);
  if (text.find("is now") != std::string::npos) return "changed";
  return text.find("stays") != std::string::npos ? "kept" : "something else";
}

/// A ticket whose category the customer has set.
Ticket labelled(Priority priority, Duration due_in) {
  auto ticket = ticket_17();
  ticket.priority = priority;
  ticket.labelled = true;
  ticket.requested_priority = priority;
  ticket.response_due_at = tuesday_ten() + due_in;
  return ticket;
}

Ticket by_channel(Channel channel) {
  auto ticket = ticket_17();
  ticket.channel = channel;
  return ticket;
}

}  // namespace

TEST_CASE("A label in a follow-up") {
  struct Case {
    const char* name;
    Ticket ticket;
    std::string subject, from;
    Priority priority;
    Duration due_in;
    std::string answer, event;
  };
  const std::string fax = "Fax prints blank pages";
  const auto high = labelled(Priority::high, 1h);
  const auto late = labelled(Priority::high, -1s);
  const Case cases[] = {
      {"none", ticket_17(), "Re: [SUP-17] " + fax, kJane, Priority::normal, 3h, "nothing", "message_added"},
      {"unlabelled, urgent", ticket_17(), "Urgent: Re: [SUP-17] " + fax, kJane, Priority::urgent, 30min, "changed",
       "category_changed"},
      {"unlabelled, high", ticket_17(), "[SUP-17] " + fax + " (high)", kJane, Priority::high, 2h, "changed",
       "category_changed"},
      {"unlabelled, normal", ticket_17(), "Normal: [SUP-17] " + fax, kJane, Priority::normal, 3h, "nothing",
       "category_confirmed"},
      {"a colleague", ticket_17(), "Urgent: [SUP-17] " + fax, "joe@acme.test", Priority::urgent, 30min, "changed",
       "category_changed"},
      {"a participant of another organization", ticket_17(), "Urgent: [SUP-17] " + fax, "bob@partner.example",
       Priority::normal, 3h, "kept", "raise_refused"},
      {"raised too early", high, "Urgent: [SUP-17] " + fax, kJane, Priority::high, 1h, "kept", "raise_refused"},
      {"raised after the breach", late, "Urgent: [SUP-17] " + fax, kJane, Priority::urgent, 30min, "changed",
       "category_changed"},
      {"lowered: from the time of reporting", high, "Normal: [SUP-17] " + fax, kJane, Priority::normal, 3h, "changed",
       "category_changed"},
      {"by telephone", by_channel(Channel::phone), "Urgent: [SUP-17] " + fax, kJane, Priority::normal, 3h, "kept",
       "raise_refused"},
  };
  for (const auto& c : cases) {
    DYNAMIC_SECTION(c.name) {
      auto desk = reply_case(c.subject, c.ticket);
      desk.email.from = Mailbox{"", c.from};
      desk.context.candidates[0].participants.push_back("joe@acme.test");
      const auto decision = desk.decide();
      CHECK(decision.outcome == Outcome::follow_up);
      REQUIRE(decision.ticket);
      CHECK(decision.ticket->priority == c.priority);
      CHECK(decision.ticket->response_due_at == desk.now + c.due_in);
      CHECK(answered_with(decision) == c.answer);
      CHECK(has_event(decision, c.event));
      CHECK(decision.ticket->requester == c.ticket.requester);
    }
  }
}

namespace {

struct LabelCase {
  const char* name;
  std::string own;
  std::vector<std::string> earlier;
  bool answers_us;
  std::string subject;
  Priority priority;
};
const std::string kDown = "Urgent: phones down";
const LabelCase kLabelCases[] = {
    {"the same subject", kDown, {kDown}, true, "Re: [SUP-17] Urgent: phones down", Priority::normal},
    {"the same subject, not even as a reply", kDown, {kDown}, true, kDown, Priority::normal},
    {"the same label elsewhere", kDown, {kDown}, true, "Re: phones down, urgent!", Priority::normal},
    {"another label before the old one", kDown, {kDown}, true, "High: Re: Urgent: phones down", Priority::high},
    {"the same label again, in front",
     kDown,
     {kDown},
     true,
     "URGENT NOW: Re: [SUP-17] Urgent: phones down",
     Priority::urgent},
    {"at the end", "High: fax", {"High: fax"}, true, "Re: [SUP-17] High: fax - urgent", Priority::urgent},
    {"the old subject was a reply",
     "Urgent: phones",
     {"Re: Urgent: phones"},
     true,
     "High: Re: Urgent: phones",
     Priority::high},
    {"the old subject within a word of the label", "gent", {"gent"}, true, "Re: gent - Urgent", Priority::urgent},
    {"the old subject only within the label", "nt", {"nt"}, true, "Urgent", Priority::urgent},
    {"a word that is no label in a new mail", "call volume", {}, true, "Re: high call volume", Priority::normal},
    {"an answer to a follow-up with a label",
     "phones",
     {"phones", "High: Re: phones"},
     false,
     "Re: High: Re: [SUP-17] phones",
     Priority::normal},
    {"an answer to a colleague's mail", "fax", {"fax", "fax - urgent"}, false, "Re: fax - urgent", Priority::normal},
    {"an answer to ours, whatever a colleague wrote",
     "fax",
     {"fax", "fax - urgent"},
     true,
     "Re: fax - urgent",
     Priority::urgent},
    {"a machine that says the same each time",
     "High: fax mute",
     {"High: fax mute", "Urgent: fax mute"},
     false,
     "Urgent: fax mute",
     Priority::normal},
};

}  // namespace

TEST_CASE("Only a label that the ticket's earlier subjects do not carry counts") {
  for (const auto& c : kLabelCases) {
    INFO(c.name);
    auto ticket = ticket_17();
    ticket.subject = c.own;
    ticket.labelled = find_subject_label(c.own, sample_ruleset()).has_value();
    ticket.response_due_at = tuesday_ten() - 1s;  // raising is allowed
    auto desk = reply_case(c.subject, ticket);
    desk.context.candidates[0].earlier_subjects = c.earlier;
    desk.context.candidates[0].answers_us = c.answers_us;
    CHECK(desk.decide().ticket->priority == c.priority);
  }
}

TEST_CASE("What somebody wrote into a subject in vain takes nobody's word away") {
  const auto answer_to_ours = [](Ticket ticket, const std::string& subject, std::vector<std::string> earlier) {
    auto desk = reply_case(subject, ticket);
    desk.context.candidates[0].earlier_subjects = std::move(earlier);
    return desk.decide();
  };
  SECTION("the customer's own, before he might") {
    auto ticket = labelled(Priority::high, 1h);
    ticket.subject = "High: fax";
    CHECK(answered_with(answer_to_ours(ticket, "URGENT", {"High: fax", "URGENT"})) == "kept");
    ticket.response_due_at = tuesday_ten() - 1s;
    CHECK(answer_to_ours(ticket, "URGENT", {"High: fax", "URGENT"}).ticket->priority == Priority::urgent);
  }
  SECTION("a forger's, by tag alone") {
    const auto decision =
        answer_to_ours(ticket_17(), "Urgent: all lines dead now", {"Fax prints blank pages", "[SUP-17] urgent"});
    CHECK(decision.ticket->priority == Priority::urgent);
  }
  SECTION("that of a late reply, which our own mails cut") {
    auto ticket = ticket_17();
    ticket.subject = "Urgent: all phones are down " + std::string(300, 'x');
    for (const auto& cut : {ticket.subject.substr(0, 200) + "\u2026", ticket.subject.substr(0, 50) + " ...",
                            ticket.subject.substr(0, 70), ticket.subject}) {
      INFO(cut);
      CHECK(answer_to_ours(ticket, "Re: [SUP-17] " + cut, {}).ticket->priority == Priority::normal);
    }
    for (const auto* said : {"Urgent", "Urgent...", "Urgent \u2026", "Urgent: all phones"}) {
      INFO(said);
      CHECK(answer_to_ours(ticket, said, {}).ticket->priority == Priority::urgent);
    }
  }
  SECTION("that of a late reply, whose ticket has a label that never counted") {
    auto ticket = ticket_17();
    ticket.subject = "Urgent: phones down";
    CHECK(answer_to_ours(ticket, "Urgent: phones are dead again", {"Urgent: phones down"}).ticket->priority ==
          Priority::urgent);
    CHECK(answer_to_ours(ticket, "Re: [SUP-17] Urgent: phones down", {"Urgent: phones down"}).ticket->priority ==
          Priority::normal);
  }
}

TEST_CASE("Asking again counts once the target is missed; a subject that a mail program repeats does not") {
  auto ticket = labelled(Priority::high, 1h);
  const std::string subject = "Re: [SUP-17] Fax prints blank pages - urgent";
  const auto answer_to = [&](bool answers_us) {
    auto desk = reply_case(subject, ticket);
    desk.context.candidates[0].earlier_subjects = {"Fax prints blank pages", subject};
    desk.context.candidates[0].answers_us = answers_us;
    return desk.decide();
  };
  CHECK(answered_with(answer_to(true)) == "kept");
  CHECK(answered_with(answer_to(false)) == "nothing");
  ticket.response_due_at = tuesday_ten() - 1s;
  CHECK(answer_to(false).ticket->priority == Priority::high);
  CHECK(answer_to(true).ticket->priority == Priority::urgent);
  ticket.response_due_at = tuesday_ten() + 1h;
  ticket.missed_before = true;  // and a further mail has started another clock
  CHECK(answer_to(true).ticket->priority == Priority::urgent);
}

TEST_CASE("Naming the category that the ticket has changes no clock") {
  auto ticket = ticket_17();
  ticket.priority = Priority::urgent;  // raised just now
  ticket.response_due_at = tuesday_ten() + 20min;
  const auto decision = reply_case("Urgent: Re: [SUP-17] Fax prints blank pages", ticket).decide();
  CHECK(has_event(decision, "category_confirmed"));
  CHECK(decision.outgoing.empty());
  CHECK(decision.ticket->response_due_at == ticket.response_due_at);
}

TEST_CASE("A tag alone never relabels: the customer is told so, and staff hear how to grant it") {
  auto desk = reply_case("Urgent: [SUP-17] Fax");
  desk.context.candidates = {candidate_17(Candidate::Via::tag)};
  const auto decision = desk.decide();
  CHECK(decision.ticket->priority == Priority::normal);
  CHECK(event_detail(decision, "raise_refused").find("only names the ticket in its subject") != std::string::npos);
  CHECK(answered_with(decision) == "kept");
  REQUIRE(decision.news.size() == 1);
  CHECK(decision.news[0].event == StaffEvent::raise_refused);
  SECTION("a machine is told nothing") {
    desk.add_field("Auto-Submitted", "auto-generated");
    const auto ignored = desk.decide();
    CHECK_FALSE(has_event(ignored, "raise_refused"));
    CHECK(ignored.outgoing.empty());
  }
  SECTION("nor is anything said of lowering") {
    desk = reply_case("Normal: [SUP-17] Fax", labelled(Priority::high, 1h));
    desk.context.candidates[0].via = Candidate::Via::tag;
    const auto kept = desk.decide();
    CHECK(kept.ticket->priority == Priority::high);
    CHECK(has_event(kept, "label_ignored"));
    CHECK(kept.outgoing.empty());
  }
}

TEST_CASE("An organization that is downgraded can't raise, and can lower") {
  auto desk = reply_case("Urgent: [SUP-17] Fax");
  desk.context.candidates[0].downgraded_until = desk.now + 24h;
  CHECK(answered_with(desk.decide()) == "kept");
  desk = reply_case("Normal: [SUP-17] Fax", labelled(Priority::high, 1h));
  desk.context.candidates[0].downgraded_until = desk.now + 24h;
  CHECK(desk.decide().ticket->priority == Priority::normal);
}

TEST_CASE("Raising an answered ticket owes a new answer") {
  auto ticket = ticket_17();
  ticket.status = TicketStatus::open;
  ticket.responded_at = tuesday_ten() - 30min;
  const auto decision = reply_case("Urgent: [SUP-17] Fax", ticket).decide();
  CHECK_FALSE(decision.ticket->responded_at);
  CHECK(decision.ticket->response_due_at == tuesday_ten() + 30min);
}

TEST_CASE("Lowering an answered ticket owes nothing, and its answer is measured against the new target") {
  auto ticket = labelled(Priority::high, -30min);
  ticket.responded_at = tuesday_ten() - 15min;
  CHECK(is_breached(ticket, tuesday_ten()));
  const auto decision = reply_case("Normal: [SUP-17] Fax", ticket).decide();
  CHECK(decision.ticket->responded_at == ticket.responded_at);
  CHECK(decision.ticket->response_due_at == tuesday_ten() + 3h);
  CHECK_FALSE(is_breached(*decision.ticket, tuesday_ten()));
}

TEST_CASE("Lowered after a reopening, the target counts from there") {
  auto ticket = labelled(Priority::urgent, 10min);
  ticket.clock_from = tuesday_ten() - 20min;
  CHECK(reply_case("High: [SUP-17] Fax", ticket).decide().ticket->response_due_at == tuesday_ten() - 20min + 2h);
}

TEST_CASE("The invitation is good for one label") {
  auto desk = reply_case("High: [SUP-17] Fax");
  auto ticket = *desk.decide().ticket;
  CHECK(ticket.labelled);
  desk = reply_case("Urgent: [SUP-17] Fax", ticket);
  CHECK(answered_with(desk.decide()) == "kept");
}

TEST_CASE("The answer to a label follows the rules of loops and addresses") {
  auto desk = reply_case("Urgent: [SUP-17] Fax");
  SECTION("to Reply-To where it is of the same organization, else to From") {
    const std::tuple<const char*, std::string, std::string> cases[] = {
        {"none", "", "jane@acme.example"},
        {"a colleague", "desk@acme.example", "desk@acme.example"},
        {"a stranger", "evil@other.example", "jane@acme.example"},
        {"the support address", "support@example.com", "jane@acme.example"},
    };
    for (const auto& [name, reply_to, expected] : cases) {
      INFO(name);
      desk.email.reply_to.clear();
      if (!reply_to.empty()) desk.email.reply_to = {{"", reply_to}};
      CHECK(desk.decide().outgoing[0].recipients == std::vector<std::string>{expected});
    }
  }
  SECTION("to From of whoever knows no more than the tag") {
    desk.email.reply_to = {{"", "desk@acme.example"}};
    desk.context.candidates[0].via = Candidate::Via::tag;
    desk.context.candidates[0].answers_us = false;
    CHECK(desk.decide().outgoing[0].recipients == std::vector<std::string>{"jane@acme.example"});
  }
  SECTION("to From where that may be forged") {
    desk.email.reply_to = {{"", "desk@acme.example"}};
    desk.ruleset.authserv_id = "mx.example.com";
    desk.add_field("Authentication-Results", "mx.example.com; dmarc=fail header.from=acme.example");
    for (const auto& mail : desk.decide().outgoing)
      CHECK(mail.recipients == std::vector<std::string>{"jane@acme.example"});
  }
  SECTION("whatever the ticket's own address is") {
    desk.context.candidates[0].ticket.reply_to = "desk@acme.example";
    const auto decision = desk.decide();
    CHECK(decision.outgoing[0].recipients == std::vector<std::string>{"jane@acme.example"});
    CHECK(decision.outgoing[0].kind == OutboxKind::answer);
    CHECK(field_of(decision.outgoing[0].octets, "In-Reply-To") == "<m2@acme.example>");
    CHECK(field_of(decision.outgoing[0].octets, "Auto-Submitted") == "auto-replied");
  }
  SECTION("not more often than the limit") {
    desk.context.automatic_answers_to_sender = 10;
    const auto decision = desk.decide();
    CHECK(decision.ticket->priority == Priority::urgent);
    CHECK(decision.outgoing.empty());
  }
  SECTION("spam relabels nothing") {
    desk.add_field("X-Spam-Flag", "YES");
    const auto decision = desk.decide();
    CHECK(decision.ticket->priority == Priority::normal);
    CHECK(decision.outgoing.empty());
  }
}

}  // namespace ticketd
