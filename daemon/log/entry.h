#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "parsers/time.h"

namespace ticketd::log {

enum class Event {
  started,
  stopped,
  configuration_reloaded,
  configuration_refused,
  mailbox_connected,
  mailbox_failed,
  access_token_failed,
  access_token_renewed,
  refresh_token_lost,
  uid_validity_changed,
  lease_taken,
  lease_lost,
  lease_wanted,
  lease_unknown,
  mail_filed,
  server_action_failed,
  mail_sent,
  mail_not_sent,
  smtp_failed,
  ticket_closed,
  alarm_raised,
  alarm_over,
  search_index_emptied,
  daemon_failed,
  lines_dropped
};

/// syslog(3)'s levels, as far as they are used.
enum class Severity { error = 3, warning = 4, notice = 5, info = 6 };

/// What is the same for every line of an event. Name and id are an interface: do not change.
struct EventKind {
  Event event;
  std::string_view name;        ///< TICKETD_EVENT
  std::string_view message_id;  ///< MESSAGE_ID: 128 bits in hex, from `systemd-id128 new`
};
[[nodiscard]] const EventKind& kind_of(Event event);
[[nodiscard]] const std::vector<EventKind>& all_kinds();

/// One line of the log, ready to be written: all values are printable and of bounded length.
struct Entry {
  Event event = Event::started;
  Severity severity = Severity::info;
  std::string message;
  std::vector<std::pair<std::string, std::string>> fields;  ///< journal fields beside the usual ones
  Time at{};
};

/// A value as it may stand in a line: one line of valid UTF-8 without control characters, at most `most` octets.
[[nodiscard]] std::string log_value(std::string_view foreign, std::size_t most = 500);

}  // namespace ticketd::log
