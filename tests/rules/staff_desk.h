#pragma once

#include "rules/compose.h"
#include "rules/staff_mail.h"
#include "rules/staff_notice.h"
#include "tests/rules/mail_samples.h"

namespace ticketd {

using namespace std::chrono_literals;

inline const std::string kOurs = "0123456789abcdef0123456789abcdef@example.com";

/// Ann answers a mail about ticket 17 that went to her.
struct StaffDesk : DeskCase {
  StaffDesk() : DeskCase(reply_case()) {
    email.from = Mailbox{"Ann Engineer", "ann@example.com"};
    email.header = {{"From", "Ann Engineer <ann@example.com>"}};
    email.in_reply_to = {kOurs};
    context.candidates[0].message_ids = {"m1@acme.example"};
    MailDraft draft;
    draft.to = {{"Ann Engineer", "ann@example.com"}};
    draft.subject = "New Normal ticket: Fax prints blank pages";
    draft.body = cut_line_of(kOurs) + "\n\nNew Normal ticket.\n\nThe secret password is swordfish.\n";
    const auto ours = compose_mail(draft, ruleset, now, kOurs.substr(0, 32));
    context.answered = {{kOurs, {"ann@example.com"}, ours.octets}};
  }
  Decision write(const std::string& text) {
    email.text = text;
    return decide_all();
  }
};

/// What goes to anybody who is not staff.
inline std::string sent_to_customer(const Decision& decision) {
  std::string text;
  for (const auto& mail : decision.outgoing)
    if (mail.recipients.front() != "ann@example.com") text += plain_text_of(mail.octets);
  return text;
}

inline std::string quoted_notification() {
  return "\n\nOn Tuesday, Support wrote:\n> " + cut_line_of(kOurs) +
         "\n>\n> New Normal ticket.\n>\n> The secret password is swordfish.\n";
}

}  // namespace ticketd
