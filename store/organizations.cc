#include <algorithm>

#include "store/impl.h"

namespace ticketd {

std::optional<Time> Store::Impl::load_downgrade(std::string_view organization) {
  auto rows = query(sql::downgraded_until, organization);
  return rows.next() ? rows.optional_time() : std::nullopt;
}

OrganizationRecord Store::Impl::load_record(std::string_view organization, Time strikes_since, Time now) {
  OrganizationRecord record;
  record.name = organization;
  record.downgraded_until = load_downgrade(organization);
  {
    auto rows = query(sql::count_strikes, organization, strikes_since, now);
    if (rows.next()) record.strikes = static_cast<std::uint32_t>(rows.integer());
  }
  std::vector<TicketId> numbers;
  {
    auto rows = query(sql::raised_tickets);
    while (rows.next()) {
      const auto number = rows.id<TicketId>();
      const auto recorded = rows.text();
      if (owner_of(recorded, rows.view()) == organization) numbers.push_back(number);
    }
  }
  std::ranges::sort(numbers);
  for (const auto number : numbers)
    if (auto row = load_ticket_to_change(number)) record.tickets.push_back(std::move(row->ticket));
  return record;
}

std::string Store::Impl::owner_of(std::string_view organization, std::string_view requester) const {
  return naming.owner_of ? naming.owner_of(organization, requester) : std::string(organization);
}

std::optional<TicketRow> Store::Impl::load_ticket_to_change(TicketId number) {
  auto row = load_ticket(number);
  if (row) row->ticket.organization = owner_of(row->ticket.organization, row->ticket.requester.addr_spec);
  return row;
}

namespace {

std::string successor_of(Store::Impl& impl, const std::string& name) {
  if (!impl.naming.successor_of) return name;
  auto rows = impl.query(sql::requester_of_organization, name);
  return impl.naming.successor_of(name, rows.next() ? rows.view() : std::string_view());
}

/// What two names have of one organization is added up, and the later end of a downgrade counts, told as it was.
void hand_over(Store::Impl& impl, const std::string& from, const std::string& to) {
  impl.run(sql::move_standing, from, to);
  impl.run(sql::move_strikes, from, to);
  impl.run(sql::move_organization_events, from, to);
  impl.run(sql::forget_organization, from);
}

}  // namespace

void Store::use_naming(OrganizationNaming naming) {
  impl_->naming = std::move(naming);
  std::vector<std::pair<std::string, std::string>> renamed;
  {
    std::vector<std::string> names;
    auto rows = impl_->query(sql::organizations);
    while (rows.next()) names.push_back(rows.text());
    for (const auto& name : names)
      if (auto to = successor_of(*impl_, name); to != name) renamed.emplace_back(name, std::move(to));
  }
  if (renamed.empty()) return;
  WriteScope scope(*impl_);
  for (const auto& [from, to] : renamed) hand_over(*impl_, from, to);
  scope.done();
}

OrganizationRecord Store::organization_record(std::string_view name, Time strikes_since, Time now) {
  return impl_->load_record(name, strikes_since, now);
}

std::vector<Strike> Store::strikes(std::string_view organization) {
  std::vector<Strike> result;
  auto rows = impl_->query(sql::strikes_of, organization);
  while (rows.next()) {
    auto& strike = result.emplace_back();
    strike.organization = organization;
    strike.at = rows.time();
    if (const auto ticket = rows.optional_integer()) strike.ticket = TicketId{*ticket};
    strike.reason = rows.text();
    strike.is_settled = rows.integer() != 0;
  }
  return result;
}

std::vector<OrganizationRecord> Store::ended_downgrades(Time now, std::size_t limit) {
  std::vector<OrganizationRecord> ended;
  auto rows = impl_->query(sql::ended_downgrades, now, limit);
  while (rows.next()) {
    auto& record = ended.emplace_back();
    record.name = rows.text();
    record.downgraded_until = rows.optional_time();
  }
  return ended;
}

std::vector<std::string> Store::organizations() {
  std::vector<std::string> names;
  for (const auto* statement : {&sql::organizations, &sql::unclosed_organizations}) {
    auto rows = impl_->query(*statement);
    while (rows.next()) names.push_back(rows.text());
  }
  for (std::string last;;) {
    auto rows = impl_->query(sql::next_organization, last);
    if (!rows.next()) break;
    auto name = rows.text();  // empty: there is none
    if (name.empty()) break;
    names.push_back(name);
    last = std::move(name);
  }
  std::erase(names, "");
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  return names;
}

}  // namespace ticketd
