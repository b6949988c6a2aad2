// Each kind of mail that customers get, in each built-in language.
#include <catch2/catch.hpp>

#include "rules/mail_rules.h"
#include "rules/mail_values.h"
#include "rules/response_clock.h"
#include "tests/rules/incident_samples.h"

namespace ticketd {
namespace {

/// As its reader sees it.
std::string shown(const std::string& name, const OutgoingMail& mail) {
  const auto text = plain_text_of(mail.octets);
  return fmt::format("=== {} [{}]\n{}\n\n{}\n", name, field_of(mail.octets, "Content-Language"),
                     field_of(mail.octets, "Subject"), text.substr(0, text.find_last_not_of('\n') + 1));
}

/// The mails of one desk, whose customers speak `language`.
class Letters {
 public:
  explicit Letters(const std::string& language) : language_(language) {}

  [[nodiscard]] std::string all() {
    acknowledgements();
    refusals();
    answers();
    incidents();
    breaches();
    words_of_staff();
    return text_;
  }

 private:
  void acknowledgements();
  void refusals();
  void answers();
  void incidents();
  void breaches();
  void words_of_staff();

  template <class Desk>
  Desk speaking(Desk desk) const {
    desk.ruleset.organizations[0].language = language_;
    desk.ruleset.support.time_zone = "Europe/Berlin";
    desk.ruleset.support.status_url = "https://status.example.com";
    desk.ruleset.close_after = 24h;
    return desk;
  }
  DeskCase report(const std::string& subject) const {
    auto desk = speaking(DeskCase{});
    desk.email.subject = subject;
    return desk;
  }
  void add(const std::string& name, const Decision& decision) {
    INFO(name);
    const auto mail = std::ranges::find_if(
        decision.outgoing, [](const OutgoingMail& each) { return each.recipients.front() == "jane@acme.example"; });
    REQUIRE(mail != decision.outgoing.end());
    text_ += shown(name, *mail);
  }

  const std::string language_;
  std::string text_;
};

void Letters::acknowledgements() {
  auto desk = report("Fax prints blank pages");
  add("without a label", desk.decide());
  desk.ruleset.urgent.examples = default_examples(Priority::urgent);
  desk.ruleset.high.examples = default_examples(Priority::high);
  desk.ruleset.normal.examples.clear();
  desk.ruleset.support.phone.clear();
  desk.now += 24h * 3 + 8h;
  desk.arrived.internal_date = desk.now;
  add("without a label, over a weekend; no telephone; examples as they come", desk.decide());
  desk = report("Urgent: phones down");
  add("with a label", desk.decide());
  desk.now = std::chrono::sys_days{std::chrono::year{2026} / 12 / 31} + 22h + 45min;
  desk.arrived.internal_date = desk.now;
  add("with a label, at the turn of the year", desk.decide());
  desk.arrived.internal_date = desk.now - 3h;
  add("read too late", desk.decide());
  desk = report("High: phones down");
  desk.arrived.oversize = true;
  desk.arrived.original_size = 86'400'000;
  add("too large", desk.decide());
  desk = report("");
  desk.ruleset.support.portal_url.clear();
  add("no subject; no portal", desk.decide());
  MailRule rule;
  rule.name = "alarms";
  rule.priority = Priority::high;
  rule.subject = "alarm";
  desk = report("Phone alarm");
  desk.ruleset.mail_rules = {rule};
  compile_mail_rules(desk.ruleset);
  add("by a rule", desk.decide());
}

void Letters::refusals() {
  auto desk = report("Urgent: call me");
  desk.arrived.mailbox_channel = Channel::direct;
  add("to a member of the staff", desk.decide());
  desk.ruleset.support.portal_url.clear();
  add("to a member of the staff; no portal", desk.decide());
  desk = report("Urgent: coffee machine");
  desk.context.downgraded_until = desk.now + 24h * 60;
  add("downgraded", desk.decide());
  auto office = speaking(CommandDesk{});
  office.context.ticket.reset();
  office.context.incidents.clear();
  add("by telephone", office.done(NewCommand{{"Jane", "jane@acme.example"}, "Fax", "Blank pages.", Channel::phone}));
}

void Letters::answers() {
  add("the category is changed", speaking(reply_case("Urgent: Re: [SUP-17] Fax")).decide());
  auto ticket = ticket_17();
  ticket.labelled = true;
  add("the category is kept", speaking(reply_case("Urgent: Re: [SUP-17] Fax", ticket)).decide());
  auto desk = speaking(reply_case());
  desk.arrived.oversize = true;
  desk.arrived.original_size = 36'000'000;
  add("a further mail is too large", desk.decide());
}

void Letters::incidents() {
  auto desk = report("Urgent: phones down");
  desk.context.incidents = {open_incident(3, IncidentMatch::all)};
  add("of a fault that is known", desk.decide());
  add("while the ticket waits", [&] {
    auto follow_up = speaking(reply_case("High: Re: [SUP-17] Phones down", waiting_ticket()));
    return follow_up.decide();
  }());
  auto office = speaking(CommandDesk{});
  add("unlinked", office.done(IncidentCommand{}));
  const TokenSource tokens = [] { return std::string(32, 'f'); };
  auto incident = office.context.incidents[0];
  incident.text = "A line card was changed.";
  add("resolved",
      decide_incident_over(office.context, incident, {}, office.ruleset, office.templates, tuesday_ten(), tokens));
  office.context.ticket->no_page_reason = "The sender failed authentication.";
  office.context.ticket->waits_for_incident = office.context.ticket->clock_suspended = false;
  office.context.ticket->incident.reset();
  office.context.ticket->response_due_at = tuesday_ten() + 30min;
  add("linked, the subject not quoted", office.done(IncidentCommand{IncidentNumber{3}}));
}

void Letters::breaches() {
  auto office = speaking(CommandDesk{});
  auto& ticket = *office.context.ticket;
  const TokenSource tokens = [] { return std::string(32, 'f'); };
  const auto breach = [&](Priority priority) {
    ticket = ticket_17();
    ticket.priority = priority;
    set_target(ticket, tuesday_ten() - 2h, office.ruleset);
    return std::get<Decision>(decide_timer(office.context, office.ruleset, office.templates, tuesday_ten(), tokens));
  };
  add("no answer to an Urgent ticket", breach(Priority::urgent));
  add("no answer to a High ticket", breach(Priority::high));
  office.ruleset.support.portal_url.clear();
  add("no answer to a High ticket; no portal", breach(Priority::high));
}

void Letters::words_of_staff() {
  auto office = speaking(CommandDesk{});
  office.context.ticket = ticket_17();
  add("reply", office.done(ReplyCommand{"Hello Jane,\n\nwhich printer is it?\n", false}));
  add("estimate for today", office.done(EstimateCommand{"2h"}));
  add("estimate for tomorrow", office.done(EstimateCommand{"1d"}));
  add("estimate for another day", office.done(EstimateCommand{"2026-11-30 14:30"}));
  add("estimate for next year", office.done(EstimateCommand{"2027-03-01 09:05"}));
  add("resolution", office.done(ResolveCommand{}));
  add("resolution with words", office.done(ResolveCommand{"A new drum did it.\n"}));
  REQUIRE(office.templates.replace("closed.txt", "Subject: {subject}\n\n{close_after} {reopen_within}\n").empty());
  add("closed", office.done(CloseCommand{}));
}

}  // namespace

TEST_CASE("Mails to customers in English, as they are read") { check_golden("mails_en.txt", Letters("en").all()); }

TEST_CASE("Mails to customers in German, as they are read") { check_golden("mails_de.txt", Letters("de").all()); }

TEST_CASE("Whose mails are in which language") {
  const auto language_for = [](const std::string& organization, const std::string& requester, const std::string& own,
                               const std::string& of_desk) {
    auto ruleset = sample_ruleset();
    ruleset.organizations[0].language = own;
    ruleset.language = of_desk;
    MailRule rule;
    rule.organization = "Others";
    ruleset.mail_rules = {rule};
    Ticket ticket;
    ticket.organization = organization;
    ticket.requester.addr_spec = requester;
    return languages_of(ticket, ruleset);
  };
  using Languages = Templates::Languages;
  const std::tuple<const char*, Languages, Languages> cases[] = {
      {"the organization's", language_for("Acme", "jane@acme.example", "de", "fr"), {"de", "fr"}},
      {"it has none", language_for("Acme", "jane@acme.example", "", "fr"), {"fr"}},
      {"none that is configured", language_for("other.example", "jane@other.example", "de", "fr"), {"fr"}},
      {"configured since", language_for("acme.example", "jane@acme.example", "de", "fr"), {"de", "fr"}},
      {"renamed since", language_for("Acme Ltd", "jane@acme.example", "de", "fr"), {"de", "fr"}},
      {"a rule gave the ticket to it", language_for("Others", "jane@acme.example", "de", "fr"), {"fr"}},
      {"nobody is known", language_for("", "", "de", "fr"), {"fr"}},
  };
  for (const auto& [name, found, expected] : cases) {
    INFO(name);
    CHECK(found == expected);
  }
}

TEST_CASE("A mail says its language to programs") {
  DeskCase desk;
  desk.ruleset.organizations[0].language = "de-at";
  const auto octets = desk.decide().outgoing[0].octets;
  CHECK(field_of(octets, "Content-Language") == "de");
  CHECK(octets.find("<html lang=3D\"de\">") != std::string::npos);
  SECTION("but not in whose language a person wrote") {
    CommandDesk office;
    office.ruleset.organizations[0].language = "de";
    const auto reply = office.done(ReplyCommand{"Bonjour", false}).outgoing.at(0).octets;
    CHECK(field_of(reply, "Content-Language").empty());
    CHECK(reply.find("<html>") != std::string::npos);
  }
}

TEST_CASE("The log says in English what the customer is told in German") {
  DeskCase desk;
  desk.ruleset.organizations[0].language = "de";
  desk.email.subject = "Urgent: coffee machine";
  desk.context.downgraded_until = desk.now + 24h;
  const auto decision = desk.decide();
  const std::string why =
      "Normal: The subject asks for Urgent. Until 10:00 tomorrow, requests of Acme are handled as Normal";
  CHECK(event_detail(decision, "category_set").starts_with(why));
  CHECK(std::ranges::any_of(decision.reasons,
                            [&](const auto& reason) { return reason.starts_with("Category: " + why); }));
  CHECK(plain_text_of(decision.outgoing[0].octets).find("Bis morgen um 10:00 Uhr") != std::string::npos);
}

TEST_CASE("Staff are told in the default language whatever the customer speaks") {
  DeskCase desk;
  desk.ruleset.staff[0].roles = {"director"};
  desk.email.subject = "Urgent: phones down";
  const auto english = desk.decide_all().outgoing;
  desk.ruleset.organizations[0].language = "de";
  const auto german = desk.decide_all().outgoing;
  REQUIRE(english.size() == 2);
  REQUIRE(german.size() == 2);
  CHECK(english[0].octets != german[0].octets);
  CHECK(english[1].octets == german[1].octets);
}

}  // namespace ticketd
