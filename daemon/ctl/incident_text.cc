// What ticketctl prints of incidents, for people and for programs.
#include <fmt/format.h>

#include "daemon/ctl/json.h"
#include "daemon/ctl/present.h"
#include "daemon/ctl/time_text.h"
#include "parsers/printable.h"

namespace ticketd {
namespace {

std::string matches_in_words(const Incident& incident) {
  switch (incident.match) {
    case IncidentMatch::by_hand:
      return "by hand";
    case IncidentMatch::words:
      return fmt::format("words: {}", incident.pattern);
    case IncidentMatch::organization:
      return fmt::format("organization: {}", incident.pattern);
    case IncidentMatch::all:
      return "all new tickets";
  }
  return {};
}

std::string state_in_words(const Incident& incident, Time now) {
  return incident.resolved_at ? "resolved " + relative_time(*incident.resolved_at, now)
                              : "open since " + relative_time(incident.opened_at, now);
}

}  // namespace

std::string present_incidents(std::span<const IncidentRow> incidents, Time now, const TextStyle& style) {
  if (incidents.empty()) return "No incident was ever declared.\n";
  constexpr std::size_t kTitleWidth = 50, kMatchWidth = 40;
  TextTable table({"Incident", "State", "Tickets", "Matches", "Title"});
  for (const auto& row : incidents) {
    table.add({std::to_string(static_cast<std::int64_t>(row.incident.number)), state_in_words(row.incident, now),
               std::to_string(row.tickets.size()), shorten(matches_in_words(row.incident), kMatchWidth),
               shorten(row.incident.title, kTitleWidth)});
    if (!row.incident.resolved_at) table.mark_red();
  }
  return table.render(style);
}

std::string present_incident_change(const IncidentRow& row) {
  const auto count = row.tickets.size();
  return fmt::format("{} ({}): {}, {}\n", shown_incident(row.incident.number), printable_line(row.incident.title),
                     row.incident.resolved_at ? "resolved" : "open",
                     count == 1 ? "1 ticket" : fmt::format("{} tickets", count));
}

boost::json::object incident_json(const IncidentRow& row) {
  const auto& incident = row.incident;
  boost::json::array tickets;
  for (const auto ticket : row.tickets) tickets.emplace_back(static_cast<std::int64_t>(ticket));
  const auto or_null = [](bool is_there, std::string text) {
    return is_there ? boost::json::value(std::move(text)) : boost::json::value(nullptr);
  };
  return {{"number", static_cast<std::int64_t>(incident.number)},
          {"title", incident.title},
          {"status", incident.resolved_at ? "resolved" : "open"},
          {"match", name_of(incident.match)},
          {"pattern", or_null(!incident.pattern.empty(), incident.pattern)},
          {"opened_at", iso8601(incident.opened_at)},
          {"resolved_at", or_null(incident.resolved_at.has_value(), iso8601(incident.resolved_at.value_or(Time{})))},
          {"message", or_null(!incident.text.empty(), incident.text)},
          {"tickets", std::move(tickets)}};
}

}  // namespace ticketd
