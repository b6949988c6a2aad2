#include "rules/mail_rules.h"

#include <catch2/catch.hpp>

#include "tests/rules/mail_desk.h"

namespace ticketd {
namespace {

MailRule rule(std::string from, std::string to = "", std::string subject = "", Fields header = {}) {
  MailRule made;
  made.from = std::move(from);
  made.to = std::move(to);
  made.subject = std::move(subject);
  made.header = std::move(header);
  return made;
}

Email alarm() {
  auto email = customer_mail({{"X-Origin", "rack 7"}, {"X-Origin", "Monitoring"}});
  email.from = Mailbox{"Rack Monitor", "root@monitoring.example"};
  email.to = {{"", "other@desk.example"}, {"Support", "support@desk.example"}};
  email.cc = {{"", "boss@customer.example"}};
  email.subject = "[ALERT] trunk 4 größer";
  return email;
}

TEST_CASE("what a rule matches") {
  struct Case {
    const char* name;
    MailRule rule;
    bool matches;
  };
  const std::vector<Case> cases{
      {"no pattern: everything", rule(""), true},
      {"the sender's address, anchored", rule("^root@monitoring\\.example$"), true},
      {"in other case", rule("@MONITORING"), true},
      {"the sender's name", rule("rack monitor"), true},
      {"another sender", rule("^monitoring"), false},
      {"an addressee that is not the first", rule("", "^support@desk"), true},
      {"a copy", rule("", "boss@"), true},
      {"no addressee", rule("", "nobody@"), false},
      {"the subject", rule("", "", "^\\[alert\\]"), true},
      {"the subject beyond ASCII", rule("", "", "GRÖSSER|GRÖßER"), true},
      {"another subject", rule("", "", "^alert"), false},
      {"a field", rule("", "", "", {{"x-origin", "^rack"}}), true},
      {"the second field of that name", rule("", "", "", {{"X-Origin", "^monitoring$"}}), true},
      {"a field that is not there", rule("", "", "", {{"X-Other", "."}}), false},
      {"an empty pattern for it", rule("", "", "", {{"X-Other", ""}}), true},
      {"one of two fields fails", rule("", "", "", {{"X-Origin", "rack"}, {"X-Other", "."}}), false},
      {"all four", rule("root", "support", "trunk", {{"X-Origin", "rack"}}), true},
      {"three of four", rule("root", "support", "trunk 5", {{"X-Origin", "rack"}}), false},
      {"an invalid pattern matches nothing", rule("(", "", ""), false},
      {"nor one that is too large", rule("((a{1,100}){1,100}){1,100}"), false},
  };
  for (const auto& example : cases) {
    INFO(example.name);
    auto rules = mail_desk();
    rules.mail_rules = {example.rule};
    CHECK((first_matching_rule(alarm(), rules) != nullptr) == example.matches);
    compile_mail_rules(rules);
    CHECK((first_matching_rule(alarm(), rules) != nullptr) == example.matches);
  }
}

TEST_CASE("the first matching rule counts") {
  auto rules = mail_desk();
  CHECK(first_matching_rule(alarm(), rules) == nullptr);
  rules.mail_rules = {rule("carl@"), rule("root@"), rule("")};
  compile_mail_rules(rules);
  CHECK(first_matching_rule(alarm(), rules) == &rules.mail_rules[1]);
  CHECK(first_matching_rule(mail_from("x@y.example"), rules) == &rules.mail_rules[2]);
}

TEST_CASE("a mail without a sender matches no pattern for one") {
  auto rules = mail_desk();
  rules.mail_rules = {rule(".")};
  auto nobody = customer_mail();
  nobody.from.reset();
  CHECK(first_matching_rule(nobody, rules) == nullptr);
}

TEST_CASE("a rule that was changed after it was compiled counts as it is now") {
  auto rules = mail_desk();
  rules.mail_rules = {rule("carl@", "", "", {{"X-A", "1"}})};
  compile_mail_rules(rules);
  rules.mail_rules[0].from = "root@";
  rules.mail_rules[0].header.clear();
  CHECK(first_matching_rule(alarm(), rules) != nullptr);
  rules.mail_rules[0].subject = "fax";
  CHECK(first_matching_rule(alarm(), rules) == nullptr);
}

TEST_CASE("a pattern that is slow elsewhere ends soon") {
  auto rules = mail_desk();
  rules.mail_rules = {rule("", "", "(a*)*b")};
  auto email = alarm();
  email.subject = std::string(100000, 'a');
  CHECK(first_matching_rule(email, rules) == nullptr);
}

}  // namespace
}  // namespace ticketd
