#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "parsers/email.h"
#include "rules/classify.h"

namespace ticketd {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// A customer's ordinary mail with further header fields.
inline Email customer_mail(const Fields& fields = {}) {
  Email email;
  email.from = Mailbox{"Carl Customer", "carl@customer.example"};
  email.to = {{"", "support@desk.example"}};
  email.subject = "Phones down";
  email.message_id = "abc@customer.example";
  email.media_type = "text/plain";
  email.header = {{"From", "Carl Customer <carl@customer.example>"}, {"Subject", "Phones down"}};
  for (const auto& [name, value] : fields) email.header.push_back({name, value});
  return email;
}

inline Email mail_from(std::string address, std::string subject = "Phones down") {
  auto email = customer_mail();
  email.from = Mailbox{"", std::move(address)};
  email.subject = std::move(subject);
  return email;
}

inline Ruleset mail_desk() {
  Ruleset rules;
  rules.support.address = "Support@Desk.example";
  rules.support.aliases = {"help@desk.example", "hilfe@desk2.example"};
  rules.sms_senders = {"@sms.example.net", "15551234567@carrier.example"};
  rules.phone_senders = {"voicemail@pbx.example"};
  rules.blocked_addresses = {"pest@customer.example"};
  rules.blocked_domains = {"bad.example"};
  rules.free_mail = {"gmail.com"};
  rules.organizations = {{"Acme", {"acme.example"}, {"boss@home.example", "old@gmail.com"}, ""},
                         {"Acme UK", {"uk.acme.example"}, {}, ""}};
  StaffMember ann;
  ann.name = "Ann Engineer";
  ann.email = "Ann@Desk.example";
  rules.staff = {ann};
  return rules;
}

/// Its classes in order, with blanks between; "" for a person's mail.
inline std::string classes_of(const Email& email, const Ruleset& rules = mail_desk()) {
  constexpr const char* kNames[] = {"auto_reply", "bounce", "bulk", "own_loop", "spam", "staff", "forwarded"};
  std::string text;
  for (const auto& found : classify_mail(email, rules, false))
    text += (text.empty() ? "" : " ") + std::string(kNames[static_cast<int>(found.mail_class)]);
  return text;
}

}  // namespace ticketd
