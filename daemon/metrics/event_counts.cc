#include "daemon/metrics/event_counts.h"

#include <algorithm>
#include <charconv>

namespace ticketd {
namespace {

/// Empty when it has none of that name.
std::string field_of(const log::Entry& entry, std::string_view name) {
  const auto found = std::ranges::find(entry.fields, name, &std::pair<std::string, std::string>::first);
  return found == entry.fields.end() ? std::string() : found->second;
}

}  // namespace

void LagHistogram::add(double seconds) {
  for (std::size_t i = 0; i < kLagBounds.size(); ++i)
    if (seconds <= kLagBounds[i]) ++at_most[i];
  ++count;
  sum += seconds;
}

void EventCounts::note(const log::Entry& entry) {
  const std::lock_guard lock(mutex_);
  const auto name = log::kind_of(entry.event).name;
  const auto counted = totals_.events.find(name);
  if (counted == totals_.events.end())
    totals_.events.emplace(name, 1);
  else
    ++counted->second;
  if (entry.event == log::Event::mail_filed) note_filed(entry);
  if (entry.event == log::Event::mail_sent) ++totals_.sent[field_of(entry, "TICKETD_KIND")];
  if (entry.event == log::Event::mail_not_sent) ++totals_.not_sent[field_of(entry, "TICKETD_STATE")];
}

void EventCounts::note_filed(const log::Entry& entry) {
  auto mailbox = field_of(entry, "TICKETD_MAILBOX");
  const auto lag = field_of(entry, "TICKETD_LAG");
  double seconds = 0;
  const auto [end, error] = std::from_chars(lag.data(), lag.data() + lag.size(), seconds);
  if (error == std::errc() && !field_of(entry, "TICKETD_TICKET").empty()) totals_.lag[mailbox].add(seconds);
  ++totals_.filed[{std::move(mailbox), field_of(entry, "TICKETD_OUTCOME")}];
}

EventCounts::Totals EventCounts::totals() const {
  const std::lock_guard lock(mutex_);
  return totals_;
}

}  // namespace ticketd
