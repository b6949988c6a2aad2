// What `ticketctl explain` says of a mail: each rule that had a say, and why.
#include <catch2/catch.hpp>
#include <functional>

#include "rules/mail_rules.h"
#include "tests/rules/incident_samples.h"
#include "tests/rules/mail_samples.h"

namespace ticketd {

using namespace std::chrono_literals;

namespace {

struct Case {
  const char* name;
  std::function<DeskCase()> desk;
  std::string reason;
};

DeskCase mail_with(const std::function<void(DeskCase&)>& change) {
  DeskCase desk;
  change(desk);
  return desk;
}

DeskCase follow_up_with(const std::string& subject, const std::function<void(DeskCase&)>& change) {
  auto desk = reply_case(subject);
  change(desk);
  return desk;
}

Ticket& ticket_of(DeskCase& desk) { return desk.context.candidates[0].ticket; }

void resolve(DeskCase& desk) {
  ticket_of(desk).status = TicketStatus::resolved;
  ticket_of(desk).resolved_at = tuesday_ten() - 1h;
}

void check_reasons(const std::vector<Case>& cases) {
  for (const auto& c : cases) {
    INFO(c.name);
    const auto decision = c.desk().decide_all();
    CAPTURE(decision.reasons);
    CHECK(std::ranges::find(decision.reasons, c.reason) != decision.reasons.end());
  }
}

}  // namespace

MailRule high_by_rule() {
  MailRule rule;
  rule.name = "faxes";
  rule.subject = "fax";
  rule.priority = Priority::high;
  return rule;
}

TEST_CASE("How a ticket is opened, by which rules") {
  check_reasons({
      {"target, day and night", [] { return mail_with([](auto& d) { d.email.subject = "Urgent: fax"; }); },
       "Target: Urgent is answered within 30 minutes, counted day and night from 2026-11-24 10:00 (UTC), so an "
       "answer is due 2026-11-24 10:30 (UTC)."},
      {"target, in office hours", [] { return DeskCase(); },
       "Target: Normal is answered within 4 hours, counted in office hours from 2026-11-24 10:00 (UTC), so an "
       "answer is due 2026-11-24 14:00 (UTC)."},
      {"no target", [] { return mail_with([](auto& d) { d.add_field("Auto-Submitted", "auto-generated"); }); },
       "Target: No answer is owed to it."},
      {"organization by domain", [] { return DeskCase(); }, "Organization: Acme: its domain is configured there."},
      {"organization of its own",
       [] { return mail_with([](auto& d) { d.email.from->addr_spec = "joe@other.example"; }); },
       "Organization: other.example: no organization is configured for its domain."},
      {"organization by rule",
       [] {
         return mail_with([](auto& d) {
           MailRule rule;
           rule.name = "globex";
           rule.subject = "fax";
           rule.organization = "Globex";
           d.ruleset.mail_rules = {rule};
           compile_mail_rules(d.ruleset);
         });
       },
       "Organization: Globex: the rule \"globex\" says so."},
      {"a rule over a label",
       [] {
         return mail_with([](auto& d) {
           d.email.subject = "Urgent: fax";
           d.ruleset.mail_rules = {high_by_rule()};
           compile_mail_rules(d.ruleset);
         });
       },
       "Category: High: Our rule \"faxes\" for such mails sets it, and goes before the \"Urgent\" of the subject."},
      {"a rule that says what the label says",
       [] {
         return mail_with([](auto& d) {
           d.email.subject = "High: fax";
           d.ruleset.mail_rules = {high_by_rule()};
           compile_mail_rules(d.ruleset);
         });
       },
       "Category: High: Our rule \"faxes\" for such mails sets it."},
      {"a label that is negated", [] { return mail_with([](auto& d) { d.email.subject = "Not urgent: fax"; }); },
       "Category: Normal: The subject says \"Not urgent\", which asks for no category, and a request without one is "
       "Normal until it is escalated."},
      {"what is no label, negated or not", [] { return mail_with([](auto& d) { d.email.subject = "No high fax"; }); },
       "Category: Normal: The subject names no category, and a request without one is Normal until it is escalated."},
  });
}

TEST_CASE("Who takes part, who is told, and what is looked at") {
  check_reasons({
      {"answers go to Reply-To",
       [] { return mail_with([](auto& d) {
              d.email.reply_to = {{"", "desk@acme.example"}};
            }); },
       "Answers: They go to desk@acme.example, its Reply-To, which is of the same organization."},
      {"participants", [] { return mail_with([](auto& d) {
                              d.email.cc = {{"", "bob@partner.example"}};
                            }); },
       "Participants: From its To and Cc bob@partner.example can write to the ticket, and get copies of answers."},
      {"participants without copies",
       [] {
         return mail_with([](auto& d) {
           d.email.cc = {{"", "bob@partner.example"}};
           d.ruleset.support.copy_participants = false;
         });
       },
       "Participants: From its To and Cc bob@partner.example can write to the ticket, and get no copies of answers "
       "(support.copy_participants)."},
      {"spam is told to nobody",
       [] {
         return mail_with([](auto& d) {
           d.email.subject = "Urgent: fax";
           d.add_field("X-Spam-Flag", "YES");
         });
       },
       "Staff: Nobody is told of it: it is spam mail (X-Spam-Flag: YES)."},
      {"spam claims nothing",
       [] {
         return mail_with([](auto& d) {
           d.email.subject = "Urgent: fax";
           d.add_field("X-Spam-Flag", "YES");
         });
       },
       "Category: Normal: It was recognised as spam mail (X-Spam-Flag: YES), which is Normal."},
      {"authentication is not looked at", [] { return DeskCase(); },
       "Authentication: Not checked, for trust.authserv_id names no server."},
  });
}

TEST_CASE("What does not follow from a mail, and why") {
  const std::string re_fax = "Re: [SUP-17] Fax prints blank pages";
  check_reasons({
      {"not linked to an incident",
       [] {
         return mail_with([](auto& d) {
           d.context.incidents = {open_incident(3, IncidentMatch::all)};
           d.add_field("List-Id", "<news.example.org>");
         });
       },
       "Incident: It does not wait for incident 3, which it seems to belong to: it is bulk mail (List-Id: "
       "<news.example.org>)."},
      {"a label that was there before",
       [] {
         auto desk = reply_case("Re: Urgent: phones down");
         ticket_of(desk).subject = "Urgent: phones down";
         return desk;
       },
       "Category: stays Normal: \"Urgent\" stood in the subject before, and asks for nothing again."},
      {"a stranger's label",
       [] { return follow_up_with("Urgent: fax", [](auto& d) { d.email.from->addr_spec = "eve@evil.example"; }); },
       "Category: stays Normal: a stranger's mail changes none."},
      {"an automatic reply reopens nothing",
       [re_fax] {
         return follow_up_with(re_fax, [](auto& d) {
           resolve(d);
           d.add_field("Auto-Submitted", "auto-replied");
         });
       },
       "Reopening: The ticket stays resolved: auto_reply mail (Auto-Submitted: auto-replied) reopens nothing."},
      {"a stranger reopens nothing",
       [re_fax] {
         return follow_up_with(re_fax, [](auto& d) {
           resolve(d);
           d.email.from->addr_spec = "eve@evil.example";
         });
       },
       "Reopening: The ticket stays resolved: a stranger's mail reopens nothing."},
      {"nor does a no-reply address",
       [re_fax] {
         return follow_up_with(re_fax, [](auto& d) {
           resolve(d);
           d.email.from->addr_spec = "no-reply@acme.example";
           d.context.candidates[0].participants.push_back("no-reply@acme.example");
         });
       },
       "Reopening: The ticket stays resolved: from a no-reply address no customer writes."},
      {"too late",
       [re_fax] {
         return follow_up_with(re_fax, [](auto& d) {
           ticket_of(d).status = TicketStatus::closed;
           ticket_of(d).closed_at = tuesday_ten() - 24h * 30;
         });
       },
       "Threading: Follows ticket #17, which was closed more than 14 days ago."},
  });
}

TEST_CASE("What a mail asks for is what its own words ask for") {
  auto desk = reply_case("Re: Urgent: phones down");
  ticket_of(desk).subject = "Urgent: phones down";
  CHECK_FALSE(desk.decide().requested_priority);
  SECTION("a late reply claims the old label no more") {
    ticket_of(desk).status = TicketStatus::closed;
    ticket_of(desk).closed_at = tuesday_ten() - 24h * 30;
    const auto decision = desk.decide();
    REQUIRE(decision.opens);
    CHECK(decision.ticket->priority == Priority::normal);
    CHECK_FALSE(decision.ticket->labelled);
    CHECK(decision.ticket->claim == LabelClaim::none);
    CHECK_FALSE(decision.requested_priority);
    desk.email.subject = "High: Re: Urgent: phones down";
    CHECK(desk.decide().ticket->priority == Priority::high);
  }
}

}  // namespace ticketd
