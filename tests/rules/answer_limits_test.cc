#include <catch2/catch.hpp>

#include "rules/acknowledgement.h"
#include "rules/sender_key.h"
#include "tests/rules/mail_samples.h"

namespace ticketd {
namespace {

TEST_CASE("All spellings of a mailbox are one sender") {
  const std::tuple<const char*, const char*, const char*> cases[] = {
      {"as it is", "jane@acme.example", "jane@acme.example"},
      {"case", "Jane@ACME.example", "jane@acme.example"},
      {"a detail", "jane+7@acme.example", "jane@acme.example"},
      {"details of details", "jane+7+8@acme.example", "jane@acme.example"},
      {"nothing but a detail", "+7@acme.example", "+7@acme.example"},
      {"dots count elsewhere", "j.ane@acme.example", "j.ane@acme.example"},
      {"dots of Gmail", "j.a.n.e@gmail.com", "jane@gmail.com"},
      {"the other name of Gmail", "Ja.ne+x@GoogleMail.com", "jane@gmail.com"},
      {"dots and a detail at once, in quotes", "\"ja.ne+x\"@gmail.com", "jane@gmail.com"},
      {"quotes without need", "\"jane\"@acme.example", "jane@acme.example"},
      {"quotes with need", "\"jane doe+7\"@acme.example", "\"jane doe\"@acme.example"},
      {"the root's dot", "jane@acme.example.", "jane@acme.example"},
      {"U-label", "jane@MÜNCHEN.example", "jane@xn--mnchen-3ya.example"},
      {"A-label", "jane@XN--mnchen-3ya.example", "jane@xn--mnchen-3ya.example"},
      {"full width", "\uFF4A\uFF41\uFF4E\uFF45@acme.example", "jane@acme.example"},
      {"joiners that nobody sees", "ja\u200Dne@acme.example", "jane@acme.example"},
      {"case beyond ASCII", "ИВАН@acme.example", "иван@acme.example"},
      {"decomposed", "jose\u0301@acme.example", "jos\u00E9@acme.example"},
      {"dots of a domain below Gmail's count", "j.ane@x.gmail.com", "j.ane@x.gmail.com"},
      {"no domain", "MAILER-DAEMON", "mailer-daemon"},
      {"nothing", "", ""},
  };
  for (const auto& [name, address, key] : cases) {
    INFO(name);
    CHECK(sender_key(address) == key);
  }
}

TEST_CASE("What the longest window counts is kept") {
  Ruleset ruleset;
  const Time now = tuesday_ten();
  CHECK(counted_since(ruleset, now) == now - std::chrono::hours{24});  // of the answers in one ticket
  for (auto* window : {&ruleset.acknowledgements_per_sender.window, &ruleset.acknowledgements_per_domain.window,
                       &ruleset.tickets_per_sender.window, &ruleset.acknowledgements.window}) {
    *window = std::chrono::hours{48};
    CHECK(counted_since(ruleset, now) == now - std::chrono::hours{48});
    *window = std::chrono::hours{1};
  }
}

TEST_CASE("No two persons are one sender") {
  const std::pair<const char*, const char*> cases[] = {
      {"jane.doe@acme.example", "janedoe@acme.example"},
      {"jane-doe@acme.example", "jane@acme.example"},
      {"jane_doe@acme.example", "jane@acme.example"},
      {"wei\u00DF@acme.example", "weiss@acme.example"},
      {"jane@stra\u00DFe.example", "jane@strasse.example"},
      {"jos\u00E9@acme.example", "jose@acme.example"},
      {"\"jane doe\"@acme.example", "janedoe@acme.example"},
      {"\"jane@acme.example\"@relay.example", "jane@acme.example"},
      {"jane@acme.example", "jane@mail.acme.example"},
  };
  for (const auto& [a, b] : cases) {
    INFO(a << " and " << b);
    CHECK(sender_key(a) != sender_key(b));
  }
}

TEST_CASE("A storm opens tickets silently") {
  DeskCase desk;
  desk.ruleset.acknowledgements = {60, std::chrono::hours{1}};
  desk.context.automatic_answers_in_all = 60;
  const auto decision = desk.decide();
  CHECK(decision.outcome == Outcome::new_ticket);
  CHECK(decision.outgoing.empty());
  CHECK(decision.withheld_in_storm);
  CHECK(decision.acknowledgement_reason ==
        "No automatic answer: the desk has sent 60 automatic answers in 1 hour already, the most that it sends to all "
        "together.");
  CHECK(event_detail(decision, "acknowledgement_withheld") == decision.acknowledgement_reason);
  CHECK(decision.ticket->response_due_at);
  desk.context.automatic_answers_in_all = 59;
  CHECK(desk.decide().acknowledges);
}

TEST_CASE("What would get no answer anyway is no part of a storm") {
  DeskCase desk;
  desk.context.automatic_answers_in_all = 1'000'000;
  SECTION("machines") { desk.add_field("Auto-Submitted", "auto-replied"); }
  SECTION("who had enough") { desk.context.automatic_answers_to_sender = 10; }
  CHECK_FALSE(desk.decide().withheld_in_storm);
}

TEST_CASE("All addresses of a domain that nobody knows are answered a few times only") {
  DeskCase desk;
  desk.context.automatic_answers_to_domain = 100;
  const auto acknowledges = [&](const char* address) {
    desk.email.from = Mailbox{"", address};
    return desk.decide().acknowledges;
  };
  CHECK_FALSE(acknowledges("n317@sub.victim.example"));
  CHECK(desk.decide().acknowledgement_reason ==
        "No automatic answer: the addresses of victim.example have had 100 automatic answers in 1 hour already.");
  CHECK_FALSE(desk.decide().withheld_in_storm);
  CHECK(desk.decide().outcome == Outcome::new_ticket);
  CHECK(acknowledges("jane@acme.example"));
  CHECK(acknowledges("jane@mail.acme.example"));
  CHECK(acknowledges("jane@freemail.example"));
  desk.context.automatic_answers_to_domain = 99;
  CHECK(acknowledges("n317@sub.victim.example"));
}

TEST_CASE("All hosts of a domain have one key") {
  CHECK(sender_domain_key("a@acme.example") == "@acme.example");
  CHECK(sender_domain_key("b+1@x.y.ACME.example.") == "@acme.example");
  CHECK(sender_domain_key("a@mail.acme.co.uk") == "@acme.co.uk");
  CHECK(sender_domain_key("a@co.uk") == "@co.uk");
  CHECK(sender_domain_key("a@[192.0.2.1]") == "@[192.0.2.1]");
  CHECK(sender_domain_key("MAILER-DAEMON").empty());
}

TEST_CASE("One ticket is answered automatically a few times only") {
  auto desk = reply_case("Re: [SUP-17] Fax prints blank pages: Urgent");
  auto& answers = desk.context.candidates[0].automatic_answers;
  SECTION("so many in an hour") {
    answers = {kAnswersPerTicket[0].count, 5};
    CHECK(event_detail(desk.decide(), "answer_withheld") ==
          "No automatic answer: ticket #17 has had 5 automatic answers in 1 hour already.");
  }
  SECTION("so many in a day") { answers = {0, kAnswersPerTicket[1].count}; }
  const auto decision = desk.decide();
  CHECK(decision.outgoing.empty());
  CHECK(decision.ticket->priority == Priority::urgent);
  answers = {kAnswersPerTicket[0].count - 1, kAnswersPerTicket[1].count - 1};
  CHECK(desk.decide().outgoing.size() == 1);
}

TEST_CASE("The question to the store names all windows") {
  const DeskCase desk;
  const auto query = desk.query();
  CHECK(query.all_acknowledgements_since == desk.now - std::chrono::hours{1});
  CHECK(query.domain_acknowledgements_since == desk.now - std::chrono::hours{1});
  CHECK(query.ticket_answers_since ==
        std::vector<Time>{desk.now - std::chrono::hours{1}, desk.now - std::chrono::hours{24}});
  CHECK(query.returned_ids.empty());
}

}  // namespace
}  // namespace ticketd
