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
    auto rows = query(sql::raised_tickets_of, organization);
    while (rows.next()) numbers.push_back(rows.id<TicketId>());
  }
  std::ranges::sort(numbers);
  for (const auto number : numbers)
    if (auto row = load_ticket(number)) record.tickets.push_back(std::move(row->ticket));
  return record;
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

std::vector<std::string> Store::organizations() {
  std::vector<std::string> names;
  {
    auto rows = impl_->query(sql::organizations);
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
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  return names;
}

}  // namespace ticketd
