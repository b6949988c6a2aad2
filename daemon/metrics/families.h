#pragma once

#include <vector>

#include "daemon/metrics/exposition.h"

// Every metric there is. Names and labels are an interface: dashboards and alerts hang on them. docs/monitoring.md has
// this table; a test compares.
namespace ticketd::family {

using Type = MetricType;

// Since the start of the process.
inline constexpr MetricFamily mails_filed{"ticketd_mails_filed_total", Type::counter, "mailbox,outcome",
                                          "Mails from a mailbox that got their outcome since the process started."};
inline constexpr MetricFamily mail_lag{"ticketd_mail_lag_seconds", Type::histogram, "mailbox",
                                       "From INTERNALDATE (full seconds) to the commit of a mail's ticket, without "
                                       "mail from before the first contact, since the process started."};
inline constexpr MetricFamily sent{"ticketd_sent_total", Type::counter, "kind",
                                   "Mails that the mail server took, and calls of webhooks, since the process "
                                   "started."};
inline constexpr MetricFamily not_sent{"ticketd_not_sent_total", Type::counter, "state",
                                       "Tries after which a mail or a call was deferred, failed or uncertain, since "
                                       "the process started."};
inline constexpr MetricFamily events{"ticketd_events_total", Type::counter, "event",
                                     "Events of the log, by TICKETD_EVENT, since the process started."};
inline constexpr MetricFamily log_dropped{
    "ticketd_log_lines_dropped_total", Type::counter, "",
    "Lines of the log that the journal refused or was too slow for, since the process "
    "started."};
inline constexpr MetricFamily cut{"ticketd_http_connections_cut_total", Type::counter, "",
                                  "Connections to this page that were closed before they asked anything, since the "
                                  "process started."};

// From the store: they survive a restart.
inline constexpr MetricFamily ledger{"ticketd_ledger_mails", Type::gauge, "mailbox,outcome",
                                     "Mails in the ledger: every UID that a mailbox ever showed, by its outcome."};
inline constexpr MetricFamily mailbox_up{
    "ticketd_mailbox_up", Type::gauge, "mailbox",
    "1: the latest look at the mailbox was good. 0: it failed, or there was none."};
inline constexpr MetricFamily last_success{"ticketd_mailbox_last_success_timestamp_seconds", Type::gauge, "mailbox",
                                           "When the mailbox was last looked at with success; 0: never."};
inline constexpr MetricFamily latest_lag{"ticketd_mailbox_latest_lag_seconds", Type::gauge, "mailbox",
                                         "From INTERNALDATE to commit, of the latest mail."};
inline constexpr MetricFamily missing{"ticketd_mailbox_missing_mails", Type::gauge, "mailbox",
                                      "Mails that the server lists and the ledger lacks."};
inline constexpr MetricFamily outbox{"ticketd_outbox_mails", Type::gauge, "state",
                                     "Mails and calls of webhooks that are not sent."};
inline constexpr MetricFamily put_off{"ticketd_outbox_put_off_mails", Type::gauge, "",
                                      "Mails that the mail server puts off for more than 15 minutes, by answers (4yz) "
                                      "about their recipients or their content."};
inline constexpr MetricFamily outbox_age{
    "ticketd_outbox_oldest_age_seconds", Type::gauge, "",
    "How long the oldest one has waited that may still be sent, without those that "
    "the mail server itself puts off; 0: none waits."};
inline constexpr MetricFamily tickets{"ticketd_tickets", Type::gauge, "status", "Tickets that are not closed."};
inline constexpr MetricFamily opened{"ticketd_tickets_opened_total", Type::counter, "",
                                     "Tickets that were ever opened."};
inline constexpr MetricFamily targets{"ticketd_targets_total", Type::counter, "category,result",
                                      "Response targets that are over: answered in_time, late, or never_answered."};
inline constexpr MetricFamily owed{"ticketd_answers_owed", Type::gauge, "category",
                                   "Tickets that an answer is owed to."};
inline constexpr MetricFamily overdue{"ticketd_answers_overdue", Type::gauge, "category",
                                      "Those of them whose time to answer is over."};
inline constexpr MetricFamily next_due{"ticketd_next_answer_due_timestamp_seconds", Type::gauge, "",
                                       "When the next answer is due that is not overdue; without a sample when none "
                                       "is owed."};
inline constexpr MetricFamily quarantine{"ticketd_quarantine_mails", Type::gauge, "",
                                         "Mails that could not be read, and wait for a person."};
inline constexpr MetricFamily stuck{"ticketd_stuck_tickets", Type::gauge, "",
                                    "Tickets with which the clock could not do what was due."};
inline constexpr MetricFamily withheld{"ticketd_withheld_answers", Type::gauge, "",
                                       "Automatic answers that the limit of all of them keeps back, in its window."};
inline constexpr MetricFamily problems{"ticketd_problems", Type::gauge, "",
                                       "What needs a person, as ticketctl status and /health tell it."};
inline constexpr MetricFamily unindexed{"ticketd_search_backlog_messages", Type::gauge, "",
                                        "Messages that the search index lacks."};

// Of the process.
inline constexpr MetricFamily store_answers{"ticketd_store_answers", Type::gauge, "",
                                            "1: the store was read for this page. 0: it gave no answer in time, and "
                                            "all that comes from it is left out."};
inline constexpr MetricFamily worker{"ticketd_worker_jobs", Type::gauge, "",
                                     "Jobs that wait for the thread of the store, or run there."};
inline constexpr MetricFamily token_expiry{"ticketd_token_expiry_timestamp_seconds", Type::gauge, "server",
                                           "When the OAuth 2 access token for a server ends; without a sample where "
                                           "there is no token."};
inline constexpr MetricFamily token_good{"ticketd_token_good", Type::gauge, "server",
                                         "1: the latest try to renew the OAuth 2 access token for a server was good. "
                                         "0: it failed."};
inline constexpr MetricFamily build_info{"ticketd_build_info", Type::gauge, "version", "Always 1."};
inline constexpr MetricFamily start_time{"process_start_time_seconds", Type::gauge, "", "When the process started."};
inline constexpr MetricFamily memory{"process_resident_memory_bytes", Type::gauge, "", "Resident memory."};
inline constexpr MetricFamily cpu{"process_cpu_seconds_total", Type::counter, "",
                                  "User and system time of all threads."};

/// In the order of the page.
[[nodiscard]] const std::vector<const MetricFamily*>& all();

}  // namespace ticketd::family
