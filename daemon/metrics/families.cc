#include "daemon/metrics/families.h"

namespace ticketd::family {

const std::vector<const MetricFamily*>& all() {
  static const std::vector<const MetricFamily*> kAll{
      &mails_filed, &mail_lag,     &sent,          &not_sent, &events,       &log_dropped, &cut,        &ledger,
      &mailbox_up,  &last_success, &latest_lag,    &missing,  &outbox,       &put_off,     &outbox_age, &tickets,
      &opened,      &targets,      &owed,          &overdue,  &next_due,     &quarantine,  &stuck,      &withheld,
      &problems,    &unindexed,    &store_answers, &worker,   &token_expiry, &token_good,  &build_info, &start_time,
      &memory,      &cpu};
  return kAll;
}

}  // namespace ticketd::family
