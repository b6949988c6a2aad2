#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

/// One function per domain event: log lines are an interface. Library code never logs. Any thread; never blocks: a
/// bounded queue feeds a thread of its own, what does not fit is counted and reported later. Under systemd
/// ($JOURNAL_STREAM) lines go to the journal with structured fields, else to stderr. No body of a mail and no secret
/// ever gets here; control characters in values are escaped.
namespace ticketd::log {

class Sink;
class Writer;

/// Starts the writing thread; its destructor writes what is queued and joins. A journal that has stopped is waited for
/// no longer than five seconds. One at a time, and it outlives every thread that logs; without one nothing is written.
class Session {
 public:
  Session();
  explicit Session(std::unique_ptr<Sink> sink);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

 private:
  std::unique_ptr<Writer> writer_;
};

void started(std::string_view version, std::string_view store);
void stopped();
void configuration_reloaded();
void configuration_refused(std::string_view problem);
void mailbox_connected(std::string_view mailbox, std::string_view host);
void mailbox_failed(std::string_view mailbox, std::string_view error, double retry_in_seconds);
void mailbox_unfinished(std::string_view mailbox, std::string_view why);  ///< of a single pass: nobody tries it again
void access_token_failed(std::string_view error, double retry_in_seconds);
void access_token_renewed(std::string_view user);                      ///< after it had failed
void refresh_token_lost(std::string_view user, std::string_view why);  ///< perhaps: somebody may have to consent again
void uid_validity_changed(std::string_view mailbox, std::uint32_t before, std::uint32_t now);
void lease_taken(std::string_view mailbox, std::string_view from);  ///< `from`: the host of one that is gone, or empty
void lease_lost(std::string_view mailbox, std::string_view rival);  ///< this desk stands by from now on
void lease_wanted(std::string_view mailbox, std::string_view rival);  ///< the other one stands by
void lease_unknown(std::string_view mailbox, std::string_view why);
void mail_filed(std::string_view mailbox, std::uint32_t uid, std::string_view outcome,
                std::optional<std::int64_t> ticket, std::string_view message_id, std::string_view reason,
                std::optional<double> lag_seconds);  ///< from INTERNALDATE to commit, for what is no backlog
void server_action_failed(std::string_view mailbox, std::string_view action, std::string_view error);
void mail_sent(std::int64_t outbox_id, std::optional<std::int64_t> ticket, std::string_view kind,
               std::string_view message_id);
void mail_not_sent(std::int64_t outbox_id, std::optional<std::int64_t> ticket, std::string_view kind,
                   std::string_view message_id, std::string_view state, std::string_view error);
void smtp_failed(std::string_view server, std::string_view error, double retry_in_seconds);
void ticket_closed(std::int64_t ticket);  ///< in time, because nobody wrote any more
void alarm_raised(std::string_view problem);
void alarm_over(std::string_view problem);
void search_index_emptied(std::string_view error);  ///< it was damaged, and is filled anew
void daemon_failed(std::string_view error);

}  // namespace ticketd::log
