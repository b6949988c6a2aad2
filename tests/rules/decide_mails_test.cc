#include <catch2/catch.hpp>

#include "tests/rules/mail_samples.h"

namespace ticketd {

using namespace std::chrono_literals;

TEST_CASE("Who gets no acknowledgement, and why") {
  using Change = void (*)(DeskCase&);
  const std::tuple<const char*, Change, std::string> cases[] = {
      {"out of office", [](DeskCase& d) { d.add_field("Auto-Submitted", "auto-replied"); }, "auto_reply mail"},
      {"bounce", [](DeskCase& d) { d.add_field("Return-Path", "<>"); }, "bounce mail"},
      {"list", [](DeskCase& d) { d.add_field("List-Id", "<users.example.org>"); }, "bulk mail"},
      {"bulk", [](DeskCase& d) { d.add_field("Precedence", "bulk"); }, "bulk mail"},
      {"spam", [](DeskCase& d) { d.add_field("X-Spam-Flag", "YES"); }, "spam mail"},
      {"blocked", [](DeskCase& d) { d.ruleset.blocked_domains = {"acme.example"}; }, "spam mail"},
      {"limit", [](DeskCase& d) { d.context.automatic_answers_to_sender = 10; },
       "jane@acme.example has had 10 automatic answers in 1 hour"},
      {"flood", [](DeskCase& d) { d.context.tickets_of_sender = 50; }, "has opened 50 tickets in 1 hour"},
      {"silent backlog", [](DeskCase& d) { d.arrived.silent = true; }, "older than this desk"},
      {"no sender", [](DeskCase& d) { d.email.from.reset(); }, "names no sender"},
      {"no address", [](DeskCase& d) { d.email.from->addr_spec = "jane"; }, "can't be written to"},
      {"injected recipient", [](DeskCase& d) { d.email.from->addr_spec = "jane@acme.example,eve@evil.example"; },
       "can't be written to"},
  };
  for (const auto& [name, change, why] : cases) {
    DYNAMIC_SECTION(name) {
      DeskCase desk;
      change(desk);
      const auto decision = desk.decide();
      CHECK(decision.outcome == Outcome::new_ticket);
      CHECK(decision.outgoing.empty());
      CHECK_FALSE(decision.acknowledges);
      INFO(decision.acknowledgement_reason);
      CHECK(decision.acknowledgement_reason.find(why) != std::string::npos);
      CHECK(event_detail(decision, "acknowledgement_withheld") == decision.acknowledgement_reason);
    }
  }
}

TEST_CASE("Only persons are owed an answer") {
  DeskCase desk;
  SECTION("machines are not") { desk.add_field("Auto-Submitted", "auto-generated"); }
  SECTION("backlog is not") { desk.arrived.silent = true; }
  CHECK_FALSE(desk.decide().ticket->response_due_at);
}

TEST_CASE("What may hide a person is owed an answer, and keeps its label") {
  DeskCase desk;
  desk.email.subject = "Urgent: fax prints blank pages";
  SECTION("over a list") { desk.add_field("List-Id", "<users.example.org>"); }
  SECTION("bulk") { desk.add_field("Precedence", "bulk"); }
  SECTION("another desk") { desk.add_field("X-RT-Loop-Prevention", "rt.example.org"); }
  SECTION("a flood") { desk.context.tickets_of_sender = 50; }
  const auto decision = desk.decide();
  CHECK(decision.outgoing.empty());
  CHECK(decision.ticket->priority == Priority::urgent);
  CHECK(decision.ticket->response_due_at);
}

TEST_CASE("Our own mail that comes back is ignored only where that is proven") {
  DeskCase desk;
  desk.email.from = Mailbox{"", "Support@Example.com"};
  SECTION("from us, under an id of ours: an answer by a person as well") {
    desk.context.is_ours = true;
    const auto decision = desk.decide();
    CHECK(decision.outcome == Outcome::ignored);
    CHECK_FALSE(decision.ticket);
    CHECK(decision.outgoing.empty());
    return;
  }
  SECTION("From: is easily forged, and may be a colleague's web form") {}
  SECTION("an id of our form, which nobody recorded: the company's own alarm") {
    desk.email.from = Mailbox{"", "alerts@example.com"};
    desk.email.message_id = "0123456789abcdef0123456789abcdef@example.com";
    desk.add_field("Auto-Submitted", "auto-generated");
  }
  SECTION("an id of ours on somebody else's mail") {
    desk.email.from = Mailbox{"", "eve@other.example"};
    desk.context.is_ours = true;
  }
  const auto decision = desk.decide();
  CHECK(decision.outcome == Outcome::new_ticket);
  CHECK(decision.ticket);
  CHECK(decision.outgoing.empty());
}

TEST_CASE("A web form that writes as the desk names the customer in Reply-To") {
  DeskCase desk;
  desk.email.from = Mailbox{"Form", "support@example.com"};
  desk.email.reply_to = {{"", "support@example.com"}, {"", "Jane@acme.example"}};
  desk.email.subject = "Urgent: " + desk.email.subject;
  auto decision = desk.decide();
  CHECK(decision.ticket->requester.addr_spec == "Jane@acme.example");
  CHECK(decision.ticket->organization == "Acme");
  CHECK(decision.ticket->reply_to == "Jane@acme.example");
  CHECK(decision.ticket->priority == Priority::urgent);
  CHECK(decision.ticket->response_due_at == desk.now + 30min);
  CHECK(decision.participants == std::vector<std::string>{"jane@acme.example"});
  CHECK(decision.outgoing.empty());
  desk.email.reply_to.clear();
  decision = desk.decide();
  CHECK(decision.ticket->reply_to.empty());  // never a letter to ourselves
  CHECK(decision.participants.empty());
}

TEST_CASE("What is the same mail again") {
  DeskCase desk;
  const auto digest = [&] { return desk.query().content_digest; };
  const auto changes_with_arrival = [&] {
    const auto first = digest();
    desk.arrived.internal_date += 5min;
    return digest() != first;
  };
  CHECK_FALSE(changes_with_arrival());  // moved, copied, delivered twice
  desk.email.message_id.clear();
  CHECK(changes_with_arrival());  // neither id nor date: a machine that says the same again
  desk.email.date = tuesday_ten();
  CHECK_FALSE(changes_with_arrival());
  desk.email.date = Time{};
  CHECK(changes_with_arrival());  // a device whose clock stands still
}

TEST_CASE("A bounce without references belongs to the ticket whose mail it returns") {
  auto desk = reply_case("Undeliverable: [SUP-17] Fax prints blank pages");
  desk.email.in_reply_to.clear();
  desk.email.from = Mailbox{"", "MAILER-DAEMON@mx.example"};
  desk.email.report_type = "delivery-status";
  desk.email.returned_ids = {"ours@example.com"};
  CHECK(desk.query().references == std::vector<std::string>{"ours@example.com"});
  const auto decision = desk.decide();
  CHECK(decision.outcome == Outcome::follow_up);
  CHECK(decision.ticket->number == TicketId{17});
  CHECK(has_event(decision, "bounce_received"));
  CHECK(decision.outgoing.empty());
}

TEST_CASE("An acknowledgement holds nothing of the mail but its subject") {
  DeskCase desk;
  desk.email.from->display_name = "Win money at https://evil.example";
  desk.email.text = "Buy at https://evil.example";
  desk.email.subject = "Printer on fire";
  const auto mail = desk.decide().outgoing[0];
  CHECK(mail.octets.find("evil.example") == std::string::npos);
  CHECK(field_of(mail.octets, "To") == "<jane@acme.example>");
  CHECK(plain_text_of(mail.octets).find("Printer on fire") == std::string::npos);
  CHECK(field_of(mail.octets, "Subject") == "[SUP-200] Printer on fire");
}

TEST_CASE("Mails to customers, as they leave") {
  DeskCase desk;
  SECTION("no label: the invitation") {
    check_golden("acknowledgement_unlabelled.eml", desk.decide().outgoing[0].octets);
  }
  SECTION("urgent") {
    desk.email.subject = "DRINGEND – Störung, urgent!";
    check_golden("acknowledgement_urgent.eml", desk.decide().outgoing[0].octets);
  }
  SECTION("a label that is not granted") {
    desk.email.subject = "Urgent: call me";
    desk.arrived.mailbox_channel = Channel::direct;
    check_golden("acknowledgement_direct.eml", desk.decide().outgoing[0].octets);
  }
  SECTION("downgraded") {
    desk.email.subject = "Urgent: coffee machine";
    desk.context.downgraded_until = desk.now + 24h * 30;
    check_golden("acknowledgement_downgraded.eml", desk.decide().outgoing[0].octets);
  }
  SECTION("the target has passed while nobody could read the mail") {
    desk.email.subject = "Urgent: phones down";
    desk.arrived.internal_date = desk.now - 3h;
    check_golden("acknowledgement_late.eml", desk.decide().outgoing[0].octets);
  }
  SECTION("too large") {
    desk.arrived.oversize = true;
    desk.arrived.original_size = 86'400'000;
    check_golden("acknowledgement_too_large.eml", desk.decide().outgoing[0].octets);
  }
  SECTION("a follow-up that is too large") {
    auto follow_up = reply_case();
    follow_up.arrived.oversize = true;
    follow_up.arrived.original_size = 36'000'000;
    check_golden("answer_too_large.eml", follow_up.decide().outgoing[0].octets);
  }
  SECTION("category set by reply") {
    check_golden("answer_changed.eml", reply_case("Urgent: Re: [SUP-17] Fax").decide().outgoing[0].octets);
  }
  SECTION("raise refused") {
    auto ticket = ticket_17();
    ticket.labelled = true;
    check_golden("answer_kept.eml", reply_case("Urgent: Re: [SUP-17] Fax", ticket).decide().outgoing[0].octets);
  }
  const CommandContext context{TicketId{200}, ticket_17(), {"jane@acme.example"}, {"m1@acme.example"}, {}};
  const Actor ann{"ann", &desk.ruleset.staff[0]};
  const TokenSource tokens = [] { return std::string(32, 'a'); };
  const auto command = [&](const StaffCommand& words) {
    return std::get<Decision>(decide_command(words, context, ann, desk.ruleset, desk.templates, desk.now, tokens));
  };
  SECTION("reply") {
    check_golden("reply.eml", command(ReplyCommand{"Hello Jane,\n\nwhich printer is it?\n", false}).outgoing[0].octets);
  }
  SECTION("estimate") { check_golden("estimate.eml", command(EstimateCommand{"2h"}).outgoing[0].octets); }
  SECTION("resolution") { check_golden("resolution.eml", command(ResolveCommand{}).outgoing[0].octets); }
  SECTION("resolution with words") {
    check_golden("resolution_words.eml", command(ResolveCommand{"A new drum did it.\n"}).outgoing[0].octets);
  }
}

}  // namespace ticketd
