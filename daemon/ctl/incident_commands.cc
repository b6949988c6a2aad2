#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include <algorithm>

#include "daemon/ctl/commands.h"
#include "daemon/ctl/json.h"
#include "daemon/ctl/present.h"
#include "daemon/desk/nudge.h"
#include "parsers/printable.h"

namespace ticketd {
namespace {

IncidentRow row_of(CtlSession& session, IncidentNumber number) {
  const auto rows = session.store().incidents();
  const auto found = std::ranges::find(rows, number, [](const IncidentRow& row) { return row.incident.number; });
  if (found == rows.end()) throw CommandFailure(kExitNoInput, fmt::format("there is no {}", shown_incident(number)));
  return *found;
}

/// What was committed is shown to the world: by this process where it may, for no daemon may run; else by the daemon.
void publish(CtlSession& session) {
  try {
    const auto error = session.desk().write_status_page();
    if (!error.empty())
      fmt::print(stderr, "ticketctl: it is done, and the daemon writes the status page, for here it can't be: {}\n",
                 printable_line(error));
  } catch (const StoreError& error) {
    fmt::print(stderr, "ticketctl: it is done, but of the status page: {}\n", error.what());
  }
}

IncidentNumber done_or_fail(const Desk::IncidentResult& result) {
  if (const auto* refusal = std::get_if<Refusal>(&result))
    throw CommandFailure(exit_code_of(*refusal), refusal->reason);
  return std::get<IncidentNumber>(result);
}

void print_incident(CtlSession& session, IncidentNumber number) {
  print_done([&] {
    const auto row = row_of(session, number);
    return session.json() ? boost::json::serialize(incident_json(row)) + "\n" : present_incident_change(row);
  });
}

/// The daemon, if it runs, does the same, and each ticket is done once.
void settle(CtlSession& session) {
  try {
    while (!session.desk().settle_incidents().is_through) continue;
  } catch (const StoreBusy&) {  // the daemon is at it
  }
}

OpenIncident order_of(const IncidentOptions& options) {
  OpenIncident order;
  order.title = options.title;
  if (options.pattern) order.match = IncidentMatch::words;
  if (options.organization) order.match = IncidentMatch::organization;
  if (options.all) order.match = IncidentMatch::all;
  order.pattern = options.pattern.value_or(options.organization.value_or(""));
  if (options.message) order.text = read_message(options.message);
  return order;
}

}  // namespace

void list_incidents(CtlSession& session) {
  const auto rows = session.store().incidents();
  if (!session.json()) return print(present_incidents(rows, session.now(), session.style()));
  boost::json::array array;
  for (const auto& row : rows) array.push_back(incident_json(row));
  print(boost::json::serialize(array) + "\n");
}

void open_incident(CtlSession& session, const IncidentOptions& options) {
  const auto number = done_or_fail(session.desk().open_incident(order_of(options), session.actor()));
  nudge_daemon();
  publish(session);
  print_incident(session, number);
}

void update_incident(CtlSession& session, std::int64_t number, const std::optional<std::string>& message) {
  const IncidentNumber wanted{number};
  static_cast<void>(row_of(session, wanted));  // before anybody types a text for it
  const auto text = read_message(message);
  done_or_fail(session.desk().update_incident(wanted, text, session.actor()));
  nudge_daemon();
  publish(session);
  print_incident(session, wanted);
}

void resolve_incident(CtlSession& session, std::int64_t number, const std::optional<std::string>& message) {
  const IncidentNumber wanted{number};
  static_cast<void>(row_of(session, wanted));
  const auto text = message ? read_message(message) : std::string();
  done_or_fail(session.desk().resolve_incident(wanted, text, session.actor()));
  publish(session);
  settle(session);
  nudge_daemon();
  print_incident(session, wanted);
}

}  // namespace ticketd
