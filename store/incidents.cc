#include "store/impl.h"

namespace ticketd {
namespace {

using Impl = Store::Impl;

Incident read_incident(Rows& rows) {
  Incident incident;
  incident.number = rows.id<IncidentNumber>();
  incident.title = rows.text();
  incident.match = incident_match_from_name(rows.view()).value_or(IncidentMatch::by_hand);
  incident.pattern = rows.text();
  incident.opened_at = rows.time();
  incident.resolved_at = rows.optional_time();
  incident.text = rows.text();
  return incident;
}

std::vector<Incident> read_incidents(Rows rows) {
  std::vector<Incident> incidents;
  while (rows.next()) incidents.push_back(read_incident(rows));
  return incidents;
}

std::optional<Incident> load_incident(Impl& impl, IncidentNumber number) {
  auto rows = impl.query(sql::incident, number);
  return rows.next() ? std::optional(read_incident(rows)) : std::nullopt;
}

std::vector<TicketId> read_numbers(Rows rows) {
  std::vector<TicketId> numbers;
  while (rows.next()) numbers.push_back(rows.id<TicketId>());
  return numbers;
}

PublicIncident public_incident(Impl& impl, const Incident& incident) {
  PublicIncident shown{
      static_cast<std::int64_t>(incident.number), incident.title, incident.opened_at, incident.resolved_at, {}};
  auto rows = impl.query(sql::incident_updates, incident.number);
  while (rows.next()) {
    auto& update = shown.updates.emplace_back();
    update.at = rows.time();
    update.text = rows.text();
  }
  return shown;
}

}  // namespace

std::vector<Incident> Store::Impl::load_open_incidents() { return read_incidents(query(sql::open_incidents)); }

IncidentNumber Store::open_incident(const Incident& incident) {
  const IncidentNumber number{impl_->insert(sql::insert_incident, incident.title, name_of(incident.match),
                                            incident.pattern, incident.opened_at)};
  impl_->run(sql::note_incident_change, incident.opened_at);
  if (!incident.text.empty()) add_incident_update(number, incident.text, incident.opened_at);
  return number;
}

bool Store::add_incident_update(IncidentNumber number, std::string_view text, Time now) {
  if (impl_->run(sql::insert_incident_update, number, now, text) == 0) return false;
  impl_->run(sql::note_incident_change, now);
  return true;
}

bool Store::resolve_incident(IncidentNumber number, Time now) {
  if (impl_->run(sql::resolve_incident, number, now) == 0) return false;
  impl_->run(sql::note_incident_change, now);
  return true;
}

std::optional<Incident> Store::incident(IncidentNumber number) { return load_incident(*impl_, number); }

std::vector<IncidentRow> Store::incidents() {
  std::vector<IncidentRow> rows;
  for (auto& incident : read_incidents(impl_->query(sql::incidents))) {
    auto tickets = read_numbers(impl_->query(sql::tickets_of_incident, incident.number));
    rows.push_back({std::move(incident), std::move(tickets)});
  }
  return rows;
}

std::optional<Incident> Store::unsettled_incident(IncidentNumber from) {
  auto rows = impl_->query(sql::unsettled_incident, from);
  return rows.next() ? load_incident(*impl_, rows.id<IncidentNumber>()) : std::nullopt;
}

std::vector<TicketId> Store::waiting_tickets(IncidentNumber incident, std::size_t limit, TicketId after) {
  return read_numbers(impl_->query(sql::waiting_tickets, incident, limit, after));
}

void Store::settle_incident(IncidentNumber number) { impl_->run(sql::settle_incident, number); }

std::vector<PublicIncident> Store::public_incidents(Time resolved_since) {
  auto shown = impl_->load_open_incidents();
  std::vector<IncidentNumber> past;
  {
    auto rows = impl_->query(sql::incidents_resolved_since, resolved_since);
    while (rows.next()) past.push_back(rows.id<IncidentNumber>());
  }
  for (const auto number : past)
    if (auto incident = load_incident(*impl_, number)) shown.push_back(std::move(*incident));
  std::vector<PublicIncident> result;
  for (const auto& incident : shown) result.push_back(public_incident(*impl_, incident));
  return result;
}

StatusPageState Store::status_page_state() {
  StatusPageState state;
  auto rows = impl_->query(sql::status_page);
  if (!rows.next()) return state;
  state.changes = rows.integer();
  state.written = rows.integer();
  state.changed_at = rows.optional_time();
  state.error = rows.text();
  return state;
}

void Store::note_status_page(std::int64_t change, std::string_view error) {
  if (error.empty())
    impl_->run(sql::note_page_written, change);
  else
    impl_->run(sql::note_page_failed, error);
}

}  // namespace ticketd
