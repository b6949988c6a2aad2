#include "rules/address_key.h"

#include <catch2/catch.hpp>

#include "tests/rules/mail_samples.h"

namespace ticketd {
namespace {

TEST_CASE("Spellings of one address") {
  const std::pair<const char*, const char*> cases[] = {
      {"jane@acme.example", "JANE@Acme.Example"},
      {"jane@acme.example", "jane@acme.example."},
      {"jane@acme.example", "\"jane\"@acme.example"},
      {"jane@acme.example", "\"j\\ane\"@acme.example"},
      {"\"jane doe\"@acme.example", "\"Jane\\ Doe\"@acme.example"},
      {"jane@münchen.example", "jane@xn--mnchen-3ya.example"},
      {"jane@mu\u0308nchen.example", "jane@xn--mnchen-3ya.example"},
      {"jane@acme\u3002example", "jane@acme.example"},
      {"jane@\uFF41cme.example", "jane@acme.example"},
      {"jane@straße.example", "jane@xn--strae-oqa.example"},
      {"jos\u00E9@acme.example", "JOSE\u0301@acme.example"},
  };
  for (const auto& [a, b] : cases) {
    INFO(a << " and " << b);
    CHECK(is_same_address(a, b));
    CHECK(address_key(a) == address_key(b));
  }
}

TEST_CASE("Other addresses") {
  const std::pair<const char*, const char*> cases[] = {
      {"jane@acme.example", "jane+7@acme.example"},
      {"jane@gmail.com", "ja.ne@gmail.com"},
      {"jane@gmail.com", "jane@googlemail.com"},
      {"jane@acme.example", "jane"},
      {"jane@acme.example", "\"jane \"@acme.example"},
      {"jane@acme.example", "jane.@acme.example"},
      {"jane@acme.example", "j\u0430ne@acme.example"},
      {"jane@acme.example", "jane@\u0430cme.example"},
      {"\uFF4Aane@acme.example", "jane@acme.example"},
      {"jane@straße.example", "jane@strasse.example"},
      {"jane@acme.example", ""},
  };
  for (const auto& [a, b] : cases) {
    INFO(a << " and " << b);
    CHECK_FALSE(is_same_address(a, b));
    CHECK(address_key(a) != address_key(b));
  }
}

TEST_CASE("What is no name of a domain stays as it is") {
  for (const auto* domain : {"[192.0.2.1]", "under_score.example", "xn--a.example", "-x-.example", "a..b", "\xFFx"})
    CHECK(domain_key(domain) == domain);
  const std::string endless(100'000, '\xE4');
  CHECK(domain_key(endless) == endless);
}

TEST_CASE("One spelling of an address counts everywhere") {
  DeskCase desk;
  desk.ruleset.staff[0].email = "ann@xn--mnchen-3ya.example";
  desk.ruleset.support.aliases = {"help@xn--mnchen-3ya.example"};
  desk.ruleset.blocked_addresses = {"eve@xn--mnchen-3ya.example"};
  desk.ruleset.blocked_domains = {"xn--strae-oqa.example"};
  desk.ruleset.organizations.push_back({"Bakery", {"xn--bcker-gra.example"}, {"joe@xn--mnchen-3ya.example"}, {}});
  CHECK(find_staff("\"Ann\"@MÜNCHEN.example", desk.ruleset) == &desk.ruleset.staff[0]);
  CHECK(is_support_address("help+3@münchen.example.", desk.ruleset));
  CHECK(organization_of("x@shop.bäcker.example", desk.ruleset) == "Bakery");
  CHECK(organization_of("joe@münchen.example", desk.ruleset) == "Bakery");
  CHECK(organization_of("x@köln.example", desk.ruleset) == organization_of("y@xn--kln-sna.example", desk.ruleset));
  const auto is_spam = [&](const char* from) {
    desk.email.from = Mailbox{"", from};
    const auto classes = desk.decide().classes;
    return std::ranges::find(classes, MailClass::spam) != classes.end();
  };
  CHECK(is_spam("eve@münchen.example"));
  CHECK(is_spam("x@straße.example"));
  CHECK_FALSE(is_spam("x@strasse.example"));
}

TEST_CASE("A participant may write his domain either way") {
  auto ticket = ticket_17();
  ticket.requester.addr_spec = "jane@münchen.example";
  auto desk = reply_case("Re: [SUP-17] Fax: Urgent", ticket);
  desk.context.candidates = {candidate_17(Candidate::Via::our_message_id, ticket)};
  desk.context.candidates[0].participants = {"jane@münchen.example"};
  desk.email.from = Mailbox{"Jane", "jane@xn--mnchen-3ya.example"};
  const auto decision = desk.decide();
  CHECK(decision.outcome == Outcome::follow_up);
  CHECK_FALSE(has_event(decision, "stranger_wrote"));
}

TEST_CASE("Nobody takes part twice") {
  DeskCase desk;
  desk.email.from = Mailbox{"Jane", "jane@acme.example"};
  desk.email.to = {{"", "tom@münchen.example"}, {"", "\"jane\"@acme.example"}};
  desk.email.cc = {{"", "Tom@xn--mnchen-3ya.example"}};
  CHECK(desk.decide().participants == std::vector<std::string>{"jane@acme.example", "tom@münchen.example"});
}

}  // namespace
}  // namespace ticketd
