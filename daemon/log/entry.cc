#include "daemon/log/entry.h"

#include <algorithm>
#include <stdexcept>

#include "parsers/printable.h"

namespace ticketd::log {
namespace {

constexpr std::string_view kCut = "…";

// The longest start of UTF-8 text that has at most `most` octets and ends between two characters.
std::string_view start_of(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
  return text.substr(0, most);
}

}  // namespace

const std::vector<EventKind>& all_kinds() {
  static const std::vector<EventKind> kKinds{
      {Event::started, "started", "ac76acbf9eaf4eeda2d460bbe0564422"},
      {Event::stopped, "stopped", "8109ae1bbbd7451dab8eb93f92677a5e"},
      {Event::configuration_reloaded, "configuration_reloaded", "4de469536eae44fe9f54554b38bc664d"},
      {Event::configuration_refused, "configuration_refused", "12c61c9f0fbb40eea9df63fc5a88e52e"},
      {Event::mailbox_connected, "mailbox_connected", "44d2c13bf1d64fbd87c9c77220af2e46"},
      {Event::mailbox_failed, "mailbox_failed", "6a78d2b135424272af6c181b6a2dd506"},
      {Event::access_token_failed, "access_token_failed", "c208485b20a741f7b10ab00a15bb4bf3"},
      {Event::access_token_renewed, "access_token_renewed", "80d2defe23e24e28964c7cb57014b753"},
      {Event::refresh_token_lost, "refresh_token_lost", "a1e9effb3f0f44e39529bb34e6d8e75b"},
      {Event::uid_validity_changed, "uid_validity_changed", "1274c9b0527b46d381185da8d9527ef0"},
      {Event::lease_taken, "lease_taken", "36d32e8d8e8f4ffdb80049d950825bcd"},
      {Event::lease_lost, "lease_lost", "4e33ad16d3c549ee8036fd836a14152b"},
      {Event::lease_wanted, "lease_wanted", "8c012ab7d99b4b38bc357605ff4a076f"},
      {Event::lease_unknown, "lease_unknown", "d41d06520ca046a3ad909c5544acb119"},
      {Event::mail_filed, "mail_filed", "a7fc03cb8a334b6998b4d58260c8e60c"},
      {Event::server_action_failed, "server_action_failed", "f29c42c9b41843fa906913484a6095fb"},
      {Event::mail_sent, "mail_sent", "9382a1831ca04abebab5747afb18e178"},
      {Event::mail_not_sent, "mail_not_sent", "1c569b8d08584b1a8d1d18c53d515dc9"},
      {Event::smtp_failed, "smtp_failed", "42e69f87e0f04c50b4532b44b7fa3ec4"},
      {Event::ticket_closed, "ticket_closed", "59e0b33f2a4f8b55d1aedc5fde715468"},
      {Event::alarm_raised, "alarm_raised", "ae3b6f2c698efba9b7da3382fe354ba1"},
      {Event::alarm_over, "alarm_over", "548f54b49100a0ad4ed8ec240611c7f2"},
      {Event::search_index_emptied, "search_index_emptied", "f7ced767851b4b7b94b9d8ee832ca18e"},
      {Event::daemon_failed, "daemon_failed", "e32ece9e5d3c4a6fae9922816616155b"},
      {Event::lines_dropped, "lines_dropped", "cacb68d92e734ef58c0be2d678475a54"},
  };
  return kKinds;
}

const EventKind& kind_of(Event event) {
  const auto found = std::ranges::find(all_kinds(), event, &EventKind::event);
  if (found == all_kinds().end()) throw std::logic_error("an event without a kind");
  return *found;
}

std::string log_value(std::string_view foreign, std::size_t most) {
  const std::string line = printable_line(start_of(foreign, most));
  if (foreign.size() <= most && line.size() <= most) return line;
  return std::string(start_of(line, most - kCut.size())) + std::string(kCut);
}

}  // namespace ticketd::log
