#pragma once

#include "tests/rules/mail_samples.h"

namespace ticketd {

/// A report about the acknowledgement of ticket 17, which went to Jane.
inline DeskCase bounce_case() {
  DeskCase desk;
  desk.email = customer_mail("Undelivered Mail Returned to Sender");
  desk.email.from = Mailbox{"Mail Delivery System", "MAILER-DAEMON@mx.example"};
  desk.email.message_id = "b1@mx.example";
  desk.email.report_type = "delivery-status";
  desk.email.returned_ids = {"ours@example.com"};
  desk.email.delivery_statuses = {{"Jane@acme.example", "", "failed", "5.1.1", "550 5.1.1 No such user"}};
  desk.context.candidates = {candidate_17(Candidate::Via::our_message_id)};
  desk.context.returned = {{7, OutboxKind::acknowledgement, TicketId{17}, {"jane@acme.example"}}};
  return desk;
}

}  // namespace ticketd
