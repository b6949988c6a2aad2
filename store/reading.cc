#include <algorithm>
#include <tuple>

#include "store/impl.h"

namespace ticketd {
namespace {

using Impl = Store::Impl;

Priority read_priority(std::int64_t number) { return static_cast<Priority>(number); }

TicketRow read_ticket(Rows& rows) {
  TicketRow row;
  auto& t = row.ticket;
  t.number = rows.id<TicketId>();
  t.subject = rows.text();
  t.status = status_from_name(rows.view()).value_or(TicketStatus::open);
  t.priority = read_priority(rows.integer());
  if (const auto requested = rows.optional_integer()) t.requested_priority = read_priority(*requested);
  t.labelled = rows.integer() != 0;
  t.channel = channel_from_name(rows.view()).value_or(Channel::direct);
  t.requester.display_name = rows.text();
  t.requester.addr_spec = rows.text();
  t.reply_to = rows.text();
  t.organization = rows.text();
  t.assignee = rows.text();
  t.incident = rows.optional_integer();
  t.reported_at = rows.time();
  t.response_due_at = rows.optional_time();
  t.responded_at = rows.optional_time();
  t.estimate_at = rows.optional_time();
  t.resolved_at = rows.optional_time();
  t.closed_at = rows.optional_time();
  row.message_count = static_cast<std::uint32_t>(rows.integer());
  t.clock_from = rows.time();
  if (const auto merged_into = rows.optional_integer()) t.merged_into = TicketId{*merged_into};
  t.warn_at = rows.optional_time();
  t.no_page_reason = rows.text();
  t.notices.warned_at = rows.optional_time();
  t.notices.breach_told_at = rows.optional_time();
  t.notices.paged_at = rows.optional_time();
  t.notices.page_repeats = static_cast<std::uint32_t>(rows.integer());
  t.notices.estimate_passed_at = rows.optional_time();
  t.check_at = rows.optional_time();
  t.waits_for_incident = rows.integer() != 0;
  t.clock_suspended = rows.integer() != 0;
  t.claim = label_claim_from_name(rows.view()).value_or(LabelClaim::none);
  t.customer_spoke = rows.integer() != 0;
  if (const auto claimed = rows.optional_integer()) t.claimed_priority = read_priority(*claimed);
  t.taken = rows.integer() != 0;
  t.answered.as_normal_at = rows.optional_time();
  t.answered.as_high_at = rows.optional_time();
  t.owes_update = rows.integer() != 0;
  t.answered.left_normal_at = rows.optional_time();
  t.missed_before = rows.integer() != 0;
  return row;
}

/// The order of the index tickets_by_pressure: what is due first, then the higher priority, then the older ticket.
auto pressure(const TicketRow& row) {
  const auto& t = row.ticket;
  const auto due = owes_response(t) ? *t.response_due_at : Time::max();
  return std::tuple(due, -static_cast<int>(t.priority), t.reported_at, t.number);
}

Rows select_numbers(Impl& impl, const TicketFilter& filter, TicketStatus status) {
  const auto priority = filter.priority ? std::optional(static_cast<int>(*filter.priority)) : std::nullopt;
  std::optional<std::int64_t> breached_at;
  if (filter.breached) breached_at = filter.now.time_since_epoch().count();
  const std::int64_t limit = filter.limit == 0 ? -1 : filter.limit;
  if (!filter.assignee.empty())
    return impl.query(sql::list_of_assignee, name_of(status), priority, breached_at, limit, filter.organization,
                      filter.assignee);
  if (!filter.organization.empty())
    return impl.query(status == TicketStatus::closed ? sql::list_closed_of_organization : sql::list_of_organization,
                      name_of(status), priority, breached_at, limit, filter.organization);
  return impl.query(sql::list, name_of(status), priority, breached_at, limit);
}

/// Fills in what stands in tables of its own.
void load_addresses(Impl& impl, Message& message) {
  auto rows = impl.query(sql::message_addresses, message.id);
  while (rows.next()) {
    auto& field = rows.view() == "to" ? message.to : message.cc;
    auto name = rows.text();
    field.push_back({std::move(name), rows.text()});
  }
}

void load_attachments(Impl& impl, Message& message) {
  auto rows = impl.query(sql::attachments, message.id);
  while (rows.next()) {
    Attachment a;
    a.id = static_cast<std::uint32_t>(rows.integer());
    a.name = rows.text();
    a.media_type = rows.text();
    a.size = static_cast<std::uint64_t>(rows.integer());
    a.content_id = rows.text();
    a.inlined = rows.integer() != 0;
    message.attachments.push_back(std::move(a));
  }
}

Message read_message(Rows& rows) {
  Message m;
  m.id = rows.integer();
  m.ticket = rows.id<TicketId>();
  m.direction = direction_from_name(rows.view()).value_or(Direction::note);
  m.at = rows.time();
  m.from.display_name = rows.text();
  m.from.addr_spec = rows.text();
  m.subject = rows.text();
  m.message_id = rows.text();
  m.text = rows.text();
  m.importance = rows.text();
  m.by_stranger = rows.integer() != 0;
  m.has_raw = rows.integer() != 0;
  return m;
}

void count_outbox(Impl& impl, DeskCounts& counts) {
  auto rows = impl.query(sql::count_unsent);
  while (rows.next()) {
    const auto state = outbox_state_from_name(rows.view());
    const auto number = static_cast<std::uint64_t>(rows.integer());
    const auto oldest = rows.optional_time();
    if (state == OutboxState::queued) counts.queued = number;
    if (state == OutboxState::deferred) counts.deferred = number;
    if (state == OutboxState::failed) counts.failed = number;
    if (state == OutboxState::failed) counts.kept_back = static_cast<std::uint64_t>(rows.integer());
    if (state == OutboxState::uncertain) counts.uncertain = number;
    if (state != OutboxState::failed && oldest)
      counts.oldest_unsent_at = std::min(*oldest, counts.oldest_unsent_at.value_or(*oldest));
  }
  auto sending = impl.query(sql::count_sending);
  if (!sending.next()) return;
  counts.sending = static_cast<std::uint64_t>(sending.integer());
  counts.oldest_sending_at = sending.optional_time();
}

void count_tickets(Impl& impl, DeskCounts& counts) {
  auto rows = impl.query(sql::count_tickets);
  while (rows.next()) {
    const auto status = status_from_name(rows.view());
    const auto number = static_cast<std::uint64_t>(rows.integer());
    if (status == TicketStatus::new_) counts.tickets_new = number;
    if (status == TicketStatus::open) counts.tickets_open = number;
    if (status == TicketStatus::resolved) counts.tickets_resolved = number;
  }
}

/// The first of all statuses, in the order of a statement that takes status and time.
std::optional<NextTarget> first_target(Impl& impl, const sql::Text& statement,
                                       std::initializer_list<TicketStatus> statuses, Time now) {
  std::optional<NextTarget> first;
  for (const auto status : statuses) {
    auto rows = impl.query(statement, name_of(status), now);
    if (!rows.next()) continue;
    const auto number = rows.id<TicketId>();
    const auto priority = read_priority(rows.integer());
    const NextTarget target{number, priority, rows.time()};
    if (!first || target.due_at < first->due_at) first = target;
  }
  return first;
}

void find_targets(Impl& impl, Time now, DeskCounts& counts) {
  using Status = TicketStatus;
  counts.next_target = first_target(impl, sql::next_target, {Status::new_, Status::open}, now);
  counts.most_overdue = first_target(impl, sql::most_overdue, {Status::new_, Status::open, Status::resolved}, now);
}

void load_stuck(Impl& impl, DeskCounts& counts) {
  auto rows = impl.query(sql::stuck_tickets);
  while (rows.next()) {
    auto& stuck = counts.stuck.emplace_back();
    stuck.ticket = rows.id<TicketId>();
    stuck.reason = rows.text();
  }
}

std::uint64_t read_count(Rows rows) { return rows.next() ? static_cast<std::uint64_t>(rows.integer()) : 0; }

std::vector<Event> read_events(Rows rows) {
  std::vector<Event> events;
  while (rows.next()) {
    auto& event = events.emplace_back();
    event.ticket = TicketId{rows.optional_integer().value_or(0)};
    event.at = rows.time();
    event.actor = rows.text();
    event.kind = rows.text();
    event.detail = rows.text();
  }
  return events;
}

}  // namespace

std::optional<TicketRow> Store::Impl::load_ticket(TicketId number) {
  auto rows = query(sql::ticket, number);
  return rows.next() ? std::optional(read_ticket(rows)) : std::nullopt;
}

std::optional<TicketRow> Store::ticket(TicketId number) { return impl_->load_ticket(number); }

std::vector<TicketRow> Store::list(const TicketFilter& filter) {
  std::vector<TicketRow> result;
  for (const auto status : filter.statuses) {
    auto rows = select_numbers(*impl_, filter, status);
    while (rows.next())
      if (auto row = impl_->load_ticket(rows.id<TicketId>())) result.push_back(std::move(*row));
  }
  std::ranges::sort(result, {}, pressure);
  if (filter.limit != 0 && result.size() > filter.limit) result.resize(filter.limit);
  return result;
}

std::vector<Message> Store::messages(TicketId number) {
  std::vector<Message> result;
  auto rows = impl_->query(sql::messages, number);
  while (rows.next()) {
    auto& message = result.emplace_back(read_message(rows));
    load_addresses(*impl_, message);
    load_attachments(*impl_, message);
  }
  return result;
}

std::vector<Event> Store::events(TicketId number) { return read_events(impl_->query(sql::events, number)); }

std::vector<Event> Store::organization_events(std::string_view organization) {
  auto events = read_events(impl_->query(sql::organization_events, organization));
  for (auto& event : events) event.organization = organization;
  return events;
}

std::optional<std::string> Store::raw(TicketId number, std::int64_t message_id) {
  auto rows = impl_->query(sql::raw, number, message_id);
  if (!rows.next()) return std::nullopt;
  return impl_->compressor.decompress(rows.view());
}

std::optional<StoredAttachment> Store::attachment(TicketId number, std::int64_t id) {
  auto rows = impl_->query(sql::attachment, number, id);
  if (!rows.next()) return std::nullopt;
  StoredAttachment attachment;
  attachment.message = rows.integer();
  attachment.part = static_cast<std::uint32_t>(rows.integer());
  attachment.name = rows.text();
  return attachment;
}

std::vector<BlockedSender> Store::blocked_senders() {
  std::vector<BlockedSender> result;
  auto rows = impl_->query(sql::blocked_senders);
  while (rows.next()) {
    BlockedSender blocked;
    blocked.address = rows.text();
    blocked.since = rows.time();
    blocked.ticket = rows.id<TicketId>();
    result.push_back(std::move(blocked));
  }
  return result;
}

DeskCounts Store::counts(Time now) {
  DeskCounts counts;
  count_outbox(*impl_, counts);
  count_tickets(*impl_, counts);
  find_targets(*impl_, now, counts);
  load_stuck(*impl_, counts);
  counts.status_page = status_page_state();
  counts.token_failures = token_failures();
  counts.quarantined = read_count(impl_->query(sql::count_quarantine));
  counts.tickets_overdue = read_count(impl_->query(sql::count_overdue, now));
  counts.tickets_breached = counts.tickets_overdue + read_count(impl_->query(sql::count_answered_late));
  return counts;
}

}  // namespace ticketd
