#include "daemon/log/log.h"

#include <atomic>

#include <fmt/format.h>

#include "daemon/log/observer.h"
#include "daemon/log/writer.h"

namespace ticketd::log {
namespace {

constexpr std::size_t kCapacity = 2048;
constexpr std::chrono::milliseconds kPatience{5000};

// The one piece of state that the whole process shares: where lines go, and who is told of them.
std::atomic<Writer*>& current() {
  static std::atomic<Writer*> writer{nullptr};
  return writer;
}
std::atomic<Observer*>& observer() {
  static std::atomic<Observer*> told{nullptr};
  return told;
}

using Fields = std::vector<std::pair<std::string, std::string>>;

void write(Event event, Severity severity, std::string message, Fields fields) {
  Writer* writer = current().load(std::memory_order_acquire);
  Observer* told = observer().load(std::memory_order_acquire);
  if (writer == nullptr && told == nullptr) return;
  Entry entry{event, severity, std::move(message), std::move(fields),
              std::chrono::floor<Duration>(std::chrono::system_clock::now())};
  if (told != nullptr) told->note(entry);
  if (writer != nullptr) writer->push(std::move(entry));
}

std::string on_ticket(std::optional<std::int64_t> ticket) {
  return ticket ? fmt::format(" (ticket #{})", *ticket) : "";
}

void add_ticket(Fields& fields, std::optional<std::int64_t> ticket) {
  if (ticket) fields.emplace_back("TICKETD_TICKET", fmt::format("{}", *ticket));
}

Severity severity_of_outcome(std::string_view outcome) {
  return outcome == "quarantined" || outcome == "oversize" ? Severity::warning : Severity::info;
}

}  // namespace

Session::Session() : Session(make_sink()) {}
Session::Session(std::unique_ptr<Sink> sink)
    : writer_(std::make_unique<Writer>(std::move(sink), kCapacity, kPatience)) {
  current().store(writer_.get(), std::memory_order_release);
}
Session::~Session() { current().store(nullptr, std::memory_order_release); }

Observation::Observation(Observer& told) { observer().store(&told, std::memory_order_release); }
Observation::~Observation() { observer().store(nullptr, std::memory_order_release); }

std::uint64_t dropped_lines() {
  const Writer* writer = current().load(std::memory_order_acquire);
  return writer == nullptr ? 0 : writer->dropped();
}

void started(std::string_view version, std::string_view store) {
  const std::string path = log_value(store);
  write(Event::started, Severity::notice, fmt::format("ticketd {} started; the store is {}", version, path),
        {{"TICKETD_VERSION", log_value(version)}, {"TICKETD_STORE", path}});
}

void stopped() { write(Event::stopped, Severity::notice, "ticketd stopped", {}); }

void configuration_reloaded() {
  write(Event::configuration_reloaded, Severity::notice, "the configuration was read again and is in force", {});
}

void configuration_refused(std::string_view problem) {
  const std::string why = log_value(problem, 2000);
  write(Event::configuration_refused, Severity::error,
        fmt::format("the new configuration is refused, the old one stays in force: {}", why), {{"TICKETD_ERROR", why}});
}

void mailbox_connected(std::string_view mailbox, std::string_view host) {
  const std::string name = log_value(mailbox), where = log_value(host);
  write(Event::mailbox_connected, Severity::info, fmt::format("mailbox {}: logged in to {}", name, where),
        {{"TICKETD_MAILBOX", name}, {"TICKETD_HOST", where}});
}

void mailbox_failed(std::string_view mailbox, std::string_view error, double retry_in_seconds) {
  const std::string name = log_value(mailbox), why = log_value(error);
  write(Event::mailbox_failed, Severity::warning,
        fmt::format("mailbox {}: {}; tried again in {:.1f} s", name, why, retry_in_seconds),
        {{"TICKETD_MAILBOX", name}, {"TICKETD_ERROR", why}});
}

void mailbox_unfinished(std::string_view mailbox, std::string_view why) {
  const std::string name = log_value(mailbox), what = log_value(why);
  write(Event::mailbox_failed, Severity::warning, fmt::format("mailbox {}: {}", name, what),
        {{"TICKETD_MAILBOX", name}, {"TICKETD_ERROR", what}});
}

void access_token_failed(std::string_view error, double retry_in_seconds) {
  const std::string why = log_value(error);
  write(Event::access_token_failed, Severity::warning,
        fmt::format("{}; tried again in {:.0f} s", why, retry_in_seconds), {{"TICKETD_ERROR", why}});
}

void access_token_renewed(std::string_view user) {
  const std::string name = log_value(user);
  write(Event::access_token_renewed, Severity::notice, fmt::format("there is an access token for {} again", name),
        {{"TICKETD_USER", name}});
}

void refresh_token_lost(std::string_view user, std::string_view why) {
  const std::string name = log_value(user), reason = log_value(why);
  write(
      Event::refresh_token_lost, Severity::error,
      fmt::format("a new refresh token for {} may be lost: {}; where the next start finds invalid_grant, consent again",
                  name, reason),
      {{"TICKETD_USER", name}, {"TICKETD_ERROR", reason}});
}

void uid_validity_changed(std::string_view mailbox, std::uint32_t before, std::uint32_t now) {
  const std::string name = log_value(mailbox);
  write(Event::uid_validity_changed, Severity::warning,
        fmt::format("mailbox {}: the server changed UIDVALIDITY from {} to {}; all of it is read anew", name, before,
                    now),
        {{"TICKETD_MAILBOX", name}, {"TICKETD_UIDVALIDITY", fmt::format("{}", now)}});
}

void lease_taken(std::string_view mailbox, std::string_view from) {
  const std::string name = log_value(mailbox), host = log_value(from);
  write(Event::lease_taken, from.empty() ? Severity::info : Severity::warning,
        fmt::format("mailbox {}: no other ticketd works on it{}", name,
                    host.empty() ? "" : " any more: the one on " + host + " is silent, and this one takes over"),
        {{"TICKETD_MAILBOX", name}, {"TICKETD_RIVAL", host}});
}

void lease_lost(std::string_view mailbox, std::string_view rival) {
  const std::string name = log_value(mailbox), host = log_value(rival);
  write(Event::lease_lost, Severity::error,
        fmt::format("mailbox {}: another ticketd, on {}, works on it; this one stands by: it takes in nothing and "
                    "sends nothing",
                    name, host),
        {{"TICKETD_MAILBOX", name}, {"TICKETD_RIVAL", host}});
}

void lease_wanted(std::string_view mailbox, std::string_view rival) {
  const std::string name = log_value(mailbox), host = log_value(rival);
  write(Event::lease_wanted, Severity::warning,
        fmt::format("mailbox {}: another ticketd, on {}, was started for it, and stands by", name, host),
        {{"TICKETD_MAILBOX", name}, {"TICKETD_RIVAL", host}});
}

void lease_unknown(std::string_view mailbox, std::string_view why) {
  const std::string name = log_value(mailbox), what = log_value(why);
  write(Event::lease_unknown, Severity::warning,
        fmt::format("mailbox {}: whether a second ticketd works on it can't be told: {}", name, what),
        {{"TICKETD_MAILBOX", name}, {"TICKETD_ERROR", what}});
}

void mail_filed(std::string_view mailbox, std::uint32_t uid, std::string_view outcome,
                std::optional<std::int64_t> ticket, std::string_view message_id, std::string_view reason,
                std::optional<double> lag_seconds) {
  const std::string name = log_value(mailbox), what = log_value(outcome), why = log_value(reason);
  Fields fields{{"TICKETD_MAILBOX", name},
                {"TICKETD_UID", fmt::format("{}", uid)},
                {"TICKETD_OUTCOME", what},
                {"TICKETD_MSGID", log_value(message_id)},
                {"TICKETD_REASON", why}};
  add_ticket(fields, ticket);
  if (lag_seconds) fields.emplace_back("TICKETD_LAG", fmt::format("{:.3f}", *lag_seconds));
  write(Event::mail_filed, severity_of_outcome(outcome),
        fmt::format("mailbox {}: mail {} filed as {}{}: {}", name, uid, what, on_ticket(ticket), why),
        std::move(fields));
}

void server_action_failed(std::string_view mailbox, std::string_view action, std::string_view error) {
  const std::string name = log_value(mailbox), what = log_value(action), why = log_value(error);
  write(Event::server_action_failed, Severity::warning, fmt::format("mailbox {}: {} failed: {}", name, what, why),
        {{"TICKETD_MAILBOX", name}, {"TICKETD_ACTION", what}, {"TICKETD_ERROR", why}});
}

void mail_sent(std::int64_t outbox_id, std::optional<std::int64_t> ticket, std::string_view kind,
               std::string_view message_id) {
  const std::string what = log_value(kind);
  Fields fields{{"TICKETD_OUTBOX", fmt::format("{}", outbox_id)},
                {"TICKETD_KIND", what},
                {"TICKETD_MSGID", log_value(message_id)}};
  add_ticket(fields, ticket);
  write(Event::mail_sent, Severity::info, fmt::format("outbox {}: {} sent{}", outbox_id, what, on_ticket(ticket)),
        std::move(fields));
}

void mail_not_sent(std::int64_t outbox_id, std::optional<std::int64_t> ticket, std::string_view kind,
                   std::string_view message_id, std::string_view state, std::string_view error) {
  const std::string what = log_value(kind), now = log_value(state), why = log_value(error);
  Fields fields{{"TICKETD_OUTBOX", fmt::format("{}", outbox_id)},
                {"TICKETD_KIND", what},
                {"TICKETD_MSGID", log_value(message_id)},
                {"TICKETD_STATE", now},
                {"TICKETD_ERROR", why}};
  add_ticket(fields, ticket);
  write(Event::mail_not_sent, state == "failed" ? Severity::error : Severity::warning,
        fmt::format("outbox {}: {} is {}{}: {}", outbox_id, what, now, on_ticket(ticket), why), std::move(fields));
}

void smtp_failed(std::string_view server, std::string_view error, double retry_in_seconds) {
  const std::string where = log_value(server), why = log_value(error);
  write(Event::smtp_failed, Severity::warning,
        fmt::format("relay {}: {}; tried again in {:.1f} s", where, why, retry_in_seconds),
        {{"TICKETD_SERVER", where}, {"TICKETD_ERROR", why}});
}

void ticket_closed(std::int64_t ticket) {
  Fields fields;
  add_ticket(fields, ticket);
  write(Event::ticket_closed, Severity::info,
        fmt::format("ticket #{} is closed: nobody has written since it was resolved", ticket), std::move(fields));
}

void alarm_raised(std::string_view problem) {
  const std::string what = log_value(problem);
  write(Event::alarm_raised, Severity::error, fmt::format("needs a person: {}", what), {{"TICKETD_PROBLEM", what}});
}

void alarm_over(std::string_view problem) {
  const std::string what = log_value(problem);
  write(Event::alarm_over, Severity::notice, fmt::format("is over: {}", what), {{"TICKETD_PROBLEM", what}});
}

void search_index_emptied(std::string_view error) {
  const std::string why = log_value(error);
  write(Event::search_index_emptied, Severity::error,
        fmt::format("the search index begins anew, for it was damaged: {}", why), {{"TICKETD_ERROR", why}});
}

void daemon_failed(std::string_view error) {
  const std::string why = log_value(error);
  write(Event::daemon_failed, Severity::error, fmt::format("ticketd ends because of this: {}", why),
        {{"TICKETD_ERROR", why}});
}

}  // namespace ticketd::log
