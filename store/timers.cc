#include <algorithm>

#include "store/impl.h"

namespace ticketd {
namespace {

using Impl = Store::Impl;

std::vector<Ticket> load_tickets(Impl& impl, Rows rows) {
  std::vector<TicketId> numbers;
  while (rows.next()) numbers.push_back(rows.id<TicketId>());
  std::vector<Ticket> tickets;
  for (const auto number : numbers)
    if (auto row = impl.load_ticket(number)) tickets.push_back(std::move(row->ticket));
  return tickets;
}

std::optional<Time> read_time(Rows rows) { return rows.next() ? rows.optional_time() : std::nullopt; }

}  // namespace

std::vector<Ticket> Store::due_tickets(Time now, std::size_t limit, const Ticket* after) {
  const Time from = after != nullptr ? after->check_at.value_or(Time::min()) : Time::min();
  return load_tickets(*impl_,
                      impl_->query(sql::due_tickets, limit, now, from, after != nullptr ? after->number : TicketId{}));
}

std::optional<Time> Store::next_check(Time after) {
  std::optional<Time> next;
  for (const auto* text : {&sql::next_check, &sql::next_digest, &sql::next_downgrade_end})
    if (const auto at = read_time(impl_->query(*text, after)); at && (!next || *at < *next)) next = at;
  return next;
}

std::vector<Ticket> Store::scheduled_tickets(TicketId after, std::size_t limit) {
  return load_tickets(*impl_, impl_->query(sql::scheduled_tickets, after, limit));
}

std::vector<Ticket> Store::tickets_paged_after(Time now) {
  return load_tickets(*impl_, impl_->query(sql::tickets_paged_after, now));
}

void Store::set_check(TicketId ticket, std::optional<Time> check_at) { impl_->run(sql::set_check, ticket, check_at); }

std::vector<DueNews> Store::due_digest(Time now, std::size_t limit) {
  std::vector<DueNews> due;
  auto rows = impl_->query(sql::due_digest_entries, now, limit);
  while (rows.next()) {
    auto& entry = due.emplace_back().entry;
    entry.id = rows.integer();
    entry.at = rows.time();
    entry.to.display_name = rows.text();
    entry.to.addr_spec = rows.text();
    entry.is_page = rows.integer() != 0;
    entry.ticket = rows.id<TicketId>();
    entry.event = static_cast<StaffEvent>(rows.integer());
    entry.since = rows.time();
  }
  for (auto& news : due)
    if (auto row = impl_->load_ticket(news.entry.ticket)) news.ticket = std::move(row->ticket);
  return due;
}

}  // namespace ticketd
