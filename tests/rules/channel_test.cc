#include <catch2/catch.hpp>

#include "tests/rules/mail_desk.h"

namespace ticketd {
namespace {

TEST_CASE("the channel of a mail") {
  struct Case {
    const char* name;
    const char* from;
    Channel mailbox;
    Channel channel;
  };
  const std::vector<Case> cases{
      {"the support mailbox", "carl@customer.example", Channel::portal, Channel::portal},
      {"a mailbox for direct mail", "carl@customer.example", Channel::direct, Channel::direct},
      {"an SMS gateway's domain", "4930123@SMS.example.net", Channel::portal, Channel::sms},
      {"below an SMS gateway's domain", "4930123@eu.sms.example.net", Channel::portal, Channel::sms},
      {"a domain that only ends alike", "x@nosms.example.net", Channel::portal, Channel::portal},
      {"an SMS gateway's address", "15551234567@Carrier.example", Channel::portal, Channel::sms},
      {"another number at that carrier", "15559999999@carrier.example", Channel::portal, Channel::portal},
      {"voicemail", "VoiceMail@pbx.example", Channel::portal, Channel::phone},
      {"voicemail into a direct mailbox", "voicemail@pbx.example", Channel::direct, Channel::phone},
      {"someone else at the exchange", "admin@pbx.example", Channel::portal, Channel::portal},
  };
  for (const auto& example : cases) {
    INFO(example.name);
    CHECK(choose_channel(mail_from(example.from), example.mailbox, mail_desk()).channel == example.channel);
  }
  auto nobody = customer_mail();
  nobody.from.reset();
  CHECK(choose_channel(nobody, Channel::portal, mail_desk()).channel == Channel::portal);
}

TEST_CASE("the channel's reason") {
  const auto rules = mail_desk();
  CHECK(choose_channel(mail_from("voicemail@pbx.example"), Channel::portal, rules).reason ==
        "voicemail@pbx.example sends voice messages");
  CHECK(choose_channel(customer_mail(), Channel::direct, rules).reason ==
        "it came to a mailbox whose channel is \"direct\"");
}

TEST_CASE("an admin's rule decides the channel") {
  auto rules = mail_desk();
  rules.mail_rules.resize(2);
  rules.mail_rules[0].name = "no channel here";
  rules.mail_rules[0].from = "carl@";
  rules.mail_rules[1].name = "the exchange";
  rules.mail_rules[1].from = "@pbx\\.example$";
  rules.mail_rules[1].channel = Channel::direct;
  const auto choice = choose_channel(mail_from("voicemail@pbx.example"), Channel::portal, rules);
  CHECK(choice.channel == Channel::direct);
  CHECK(choice.reason == "the rule \"the exchange\" says so");
  CHECK(choose_channel(customer_mail(), Channel::portal, rules).channel == Channel::portal);
}

}  // namespace
}  // namespace ticketd
