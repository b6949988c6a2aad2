#include <catch2/catch.hpp>

#include "tests/rules/mail_desk.h"

namespace ticketd {
namespace {

TEST_CASE("a daemon's name is believed beside a second sign") {
  using Change = void (*)(Email&);
  const std::tuple<const char*, Change, bool> signs[] = {
      {"none", [](Email&) {}, false},
      {"a person's words", [](Email& m) { m.text = "All phones are down.\n"; }, false},
      {"a null reverse-path",
       [](Email& m) {
         m.header.push_back({"Return-Path", "<>"});
       },
       true},
      {"a status",
       [](Email& m) {
         m.attachments = {{1, "x", "message/delivery-status", 10, "", false}};
       },
       true},
      {"the mail",
       [](Email& m) {
         m.attachments = {{1, "x", "message/rfc822", 10, "", false}};
       },
       true},
      {"a failure's words", [](Email& m) { m.text = "Your message could not be delivered.\n"; }, true},
      {"a server's words", [](Email& m) { m.text = "<a@b.example>: 550 5.1.1 gone\n"; }, true},
      {"our id", [](Email& m) { m.in_reply_to = {"ours@desk.example"}; }, true},
      {"our id in the text", [](Email& m) { m.text = "Message-ID: <ours@desk.example>\n"; }, true},
      {"our tag", [](Email& m) { m.subject += " [Ticket-1]"; }, true},
  };
  struct Sender {
    const char* name;
    const char* address;
    const char* subject;
    bool is_daemon;
    bool is_sure;  ///< beside it an answer is a sign, too
  };
  const Sender senders[] = {
      {"Mail Delivery System", "postoffice@mx.example", "Phones down", true, false},
      {"Mail Delivery Service", "carl@customer.example", "Phones down", true, false},
      {"Mail Delivery System", "postoffice@mx.example", "Undeliverable: Phones", true, true},
      {"MAILER-DAEMON@mx.example", "postoffice@mx.example", "Phones down", true, true},
      {"Mail Administrator", "postoffice@mx.example", "Undeliverable: Phones", true, true},
      {"", "postmaster@mx.example", "Undeliverable: Phones", true, true},
      {"Mail Administrator", "postoffice@mx.example", "Phones down", false, false},
      {"Mail Delivery Service Ltd", "info@mds.example", "Phones down", false, false},
      {"Mailer-Daemon Consulting", "x@consulting.example", "Phones down", false, false},
  };
  for (const auto& [sign, change, tells] : signs)
    for (const auto& sender : senders) {
      INFO(sender.name << " " << sender.address << ": " << sign);
      auto mail = mail_from(sender.address, sender.subject);
      mail.from->display_name = sender.name;
      change(mail);
      const bool has_null_path = mail.field("Return-Path") != nullptr;
      const bool answers = !mail.in_reply_to.empty() || mail.subject.ends_with("[Ticket-1]");
      const bool is_told = tells && sender.is_daemon && (sender.is_sure || !answers);
      CHECK((classes_of(mail) == "bounce") == (has_null_path || is_told));
    }
}

TEST_CASE("failures told by senders who read no answers") {
  struct Case {
    const char* name;
    const char* from;
    const char* text;
    const char* enclosed;
    const char* classes;
  };
  const std::vector<Case> cases{
      {"with the mail", "no-reply@isp.example", "It could not be delivered to: <a@b.example>\n", "message/rfc822",
       "bounce"},
      {"with its header", "noreply@isp.example", "Delivery failed.\n", "text/rfc822-headers", "bounce"},
      {"with a server's words", "post_master@isp.example", "Error\n550 - not taken: no such user here\n", nullptr,
       "bounce"},
      {"with an enhanced status", "no-reply@relay.example", "{\"code\": \"smtp; 5.1.1 mailbox a@b.example\"}\n",
       nullptr, "bounce"},
      {"a parcel", "noreply@parcels.example", "Your parcel could not be delivered.\n", nullptr, "bulk"},
      {"an alarm with a code of its own", "noreply@monitor.example", "HTTP 503: host unknown\n", nullptr, "bulk"},
      {"a mail passed on", "no-reply@app.example", "See below.\n", "message/rfc822", "bulk"},
      {"a person asking", "carl@customer.example", "550 no such user, what is that?\n", "message/rfc822", ""},
  };
  for (const auto& example : cases) {
    INFO(example.name);
    auto mail = mail_from(example.from);
    mail.text = example.text;
    if (example.enclosed != nullptr) mail.attachments = {{1, "mail", example.enclosed, 10, "", false}};
    CHECK(classes_of(mail) == example.classes);
  }
}

TEST_CASE("a mailing list that does not take our mail") {
  auto mail = customer_mail({{"List-Subscribe", "<mailto:users-ctl@lists.example>"}});
  mail.from = Mailbox{"", "users-admin@lists.example"};
  mail.text = "You are not a member of this mailing list.\n";
  CHECK(classes_of(mail) == "bounce");
  mail.text = "The list moves on Friday.\n";
  CHECK(classes_of(mail) == "bulk");
  mail.text = "You are not a member of this mailing list.\n";
  mail.from->addr_spec = "carl@customer.example";
  CHECK(classes_of(mail) == "bulk");
}

}  // namespace
}  // namespace ticketd
