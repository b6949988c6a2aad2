#include <catch2/catch.hpp>

#include "rules/organization_names.h"
#include "tests/rules/mail_desk.h"

namespace ticketd {
namespace {

struct AddressCase {
  const char* name;
  const char* address;
  const char* organization;
};

TEST_CASE("the organization of an address") {
  const std::vector<AddressCase> cases{
      {"a configured domain", "carl@acme.example", "Acme"},
      {"in any case", "Carl@ACME.Example", "Acme"},
      {"below a configured domain", "carl@mail.acme.example", "Acme"},
      {"a nested domain of its own", "carl@uk.acme.example", "Acme UK"},
      {"below the nested domain", "carl@mail.uk.acme.example", "Acme UK"},
      {"a domain that only ends alike", "carl@notacme.example", "notacme.example"},
      {"a configured address elsewhere", "Boss@home.example", "Acme"},
      {"his neighbour", "neighbour@home.example", "home.example"},
      {"a configured address at free mail", "old@gmail.com", "Acme"},
      {"free mail stands for itself", "Someone@Gmail.com", "someone@gmail.com"},
      {"with a detail", "some.one+urgent@gmail.com", "someone@gmail.com"},
      {"by the provider's other name", "someone@googlemail.com", "someone@gmail.com"},
      {"below a free-mail domain", "someone@mail.gmail.com", "someone@mail.gmail.com"},
      {"any other domain", "carl@Customer.example", "customer.example"},
      {"no domain", "MAILER-DAEMON", "mailer-daemon"},
      {"an @ within quotes", "\"a@b\"@acme.example", "Acme"},
      {"nothing", "", ""},
  };
  const auto rules = mail_desk();
  for (const auto& example : cases) {
    INFO(example.name);
    CHECK(organization_of(example.address, rules) == example.organization);
  }
}

TEST_CASE("whose a ticket is by the configuration of today") {
  auto rules = mail_desk();
  CHECK(owner_of("acme.example", "jane@acme.example", rules) == "Acme");
  CHECK(owner_of("Acme Ltd", "jane@acme.example", rules) == "Acme");
  CHECK(owner_of("Acme", "carl@customer.example", rules) == "customer.example");
  CHECK(owner_of("Partner", "", rules) == "Partner");
  MailRule rule;
  rule.organization = "Partner";
  rules.mail_rules = {rule};
  CHECK(owner_of("Partner", "jane@acme.example", rules) == "Partner");
}

TEST_CASE("under which name what is on record of an organization goes on") {
  const auto rules = mail_desk();
  CHECK(successor_of("Acme", "carl@customer.example", rules) == "Acme");
  CHECK(successor_of("acme.example", "", rules) == "Acme");
  CHECK(successor_of("boss@home.example", "", rules) == "Acme");
  CHECK(successor_of("Acme Ltd", "jane@uk.acme.example", rules) == "Acme UK");
  CHECK(successor_of("Acme Ltd", "", rules) == "Acme Ltd");
  CHECK(successor_of("customer.example", "carl@customer.example", rules) == "customer.example");
}

TEST_CASE("the desk's own addresses") {
  const auto rules = mail_desk();
  for (const auto* own : {"support@desk.example", "SUPPORT@DESK.EXAMPLE", "help@desk.example", "hilfe@desk2.example",
                          "support+acme@desk.example", "Help+1+2@desk.example"})
    CHECK(is_support_address(own, rules));
  for (const auto* other : {"support@desk2.example", "mysupport@desk.example", "support", "@desk.example", "",
                            "support@desk.example.org", "carl+support@desk.example", "+support@desk.example"})
    CHECK_FALSE(is_support_address(other, rules));
}

TEST_CASE("staff by address") {
  const auto rules = mail_desk();
  CHECK(find_staff("ANN@desk.example", rules) == &rules.staff[0]);
  CHECK(find_staff("ann@desk2.example", rules) == nullptr);
  CHECK(find_staff("", rules) == nullptr);
  auto unnamed = rules;
  unnamed.staff[0].email.clear();
  CHECK(find_staff("", unnamed) == nullptr);
}

}  // namespace
}  // namespace ticketd
