#include <algorithm>
#include <limits>
#include <stdexcept>

#include "parsers/ascii.h"
#include "rules/address_key.h"
#include "rules/returned_mail.h"
#include "rules/sender_key.h"
#include "store/impl.h"

namespace ticketd {
namespace {

using Impl = Store::Impl;

std::optional<int> number_of(const std::optional<Priority>& priority) {
  return priority ? std::optional(static_cast<int>(*priority)) : std::nullopt;
}

void write_ticket(Impl& impl, const Ticket& t, bool opens, std::size_t new_messages) {
  constexpr Time kNever{Duration{std::numeric_limits<std::int64_t>::max()}};
  const Time pressing = owes_response(t) ? *t.response_due_at : kNever;
  const auto changed = impl.run(
      opens ? sql::insert_ticket : sql::update_ticket, t.subject, name_of(t.status), static_cast<int>(t.priority),
      number_of(t.requested_priority), t.labelled, channel_name(t.channel), t.requester.display_name,
      t.requester.addr_spec, t.reply_to, t.organization, t.assignee, t.incident, t.reported_at, t.response_due_at,
      t.responded_at, t.estimate_at, t.resolved_at, t.closed_at, pressing, new_messages, t.number, t.clock_from,
      t.merged_into, t.warn_at, t.no_page_reason, t.notices.warned_at, t.notices.breach_told_at, t.notices.paged_at,
      t.notices.page_repeats, t.notices.estimate_passed_at, t.check_at, t.waits_for_incident, t.clock_suspended,
      name_of(t.claim), t.customer_spoke, number_of(t.claimed_priority), t.taken, t.answered.as_normal_at,
      t.answered.as_high_at, t.owes_update, t.answered.left_normal_at, t.missed_before);
  if (changed != 1) throw ValueRefused("a decision changes a ticket that is not there");
}

void write_addresses(Impl& impl, std::int64_t message, std::string_view field, const std::vector<Mailbox>& addresses) {
  for (std::size_t i = 0; i < addresses.size(); ++i)
    impl.run(sql::insert_message_address, message, field, i, addresses[i].display_name, addresses[i].addr_spec);
}

std::int64_t write_message(Impl& impl, TicketId ticket, const Message& m) {
  const auto id = impl.insert(sql::insert_message, ticket, name_of(m.direction), m.at, m.from.display_name,
                              m.from.addr_spec, m.message_id, m.importance, m.subject, m.text, m.by_stranger);
  write_addresses(impl, id, "to", m.to);
  write_addresses(impl, id, "cc", m.cc);
  for (const auto& a : m.attachments)
    impl.run(sql::insert_attachment, id, a.id, a.name, a.media_type, a.size, a.content_id, a.inlined);
  return id;
}

/// A row of mail_ids.
struct MailId {
  std::string_view message_id;
  bool ours = false;
  std::optional<TicketId> ticket;
  std::optional<std::int64_t> outbox;
  std::optional<std::string_view> mailbox;
  std::optional<std::string_view> digest;
};

void write_mail_id(Impl& impl, const MailId& row) {
  const auto id =
      impl.insert(sql::insert_mail_id, row.message_id, row.ours, row.ticket, row.outbox, row.mailbox, row.digest);
  impl.run(sql::insert_fresh_key, message_key(row.message_id), id);
  if (impl.fresh_keys) ++*impl.fresh_keys;
}

bool is_written_by_us(const Decision& decision, std::string_view message_id) {
  return std::ranges::any_of(decision.outgoing, [&](const auto& mail) { return mail.message_id == message_id; });
}

/// The ids of the conversation's new mails; that of the mail which `known` describes is left to write_known.
void write_message_ids(Impl& impl, const Decision& decision, const ContextQuery* known) {
  for (const auto& message : decision.messages) {
    const bool covered = known != nullptr && known->message_id == message.message_id;
    if (message.message_id.empty() || covered || is_written_by_us(decision, message.message_id)) continue;
    MailId row;
    row.message_id = message.message_id;
    row.ours = message.direction == Direction::out;
    row.ticket = decision.ticket->number;
    write_mail_id(impl, row);
  }
}

bool is_known_already(Impl& impl, const ContextQuery& known) {
  const auto key = message_key(known.message_id);
  if (!impl.may_know(key)) return false;
  auto rows = impl.query(sql::known_mails, key, known.message_id, known.content_digest);
  while (rows.next())
    if (rows.view() == known.mailbox) return true;
  return false;
}

void write_known(Impl& impl, const Decision& decision, const ContextQuery& known) {
  if (is_known_already(impl, known)) return;
  MailId row;
  row.message_id = known.message_id;
  row.ticket = decision.linked_ticket;
  if (decision.ticket) row.ticket = decision.ticket->number;
  row.mailbox = known.mailbox;
  row.digest = known.content_digest;
  write_mail_id(impl, row);
}

/// Automatic answers count for whoever caused them, for whoever gets them, and for the domains of both.
void write_answered(Impl& impl, const OutgoingMail& mail, const ContextQuery* known, Time now) {
  if (!is_automatic_answer(mail.kind)) return;
  std::vector<std::string> senders;
  const auto count_for = [&](std::string_view address) {
    senders.push_back(sender_key(address));
    senders.push_back(sender_domain_key(address));
  };
  for (const auto& recipient : mail.recipients) count_for(recipient);
  if (known != nullptr && !known->sender.empty()) count_for(known->sender);
  std::erase(senders, "");
  for (const auto& sender : senders)
    impl.run(sql::insert_activity, sender, "answered", now, mail.ticket.value_or(TicketId{}));
  impl.run(sql::count_answer, answer_span(now), 1, 0);
}

/// The recipients with their states: mail to a barred one comes back, so he is left out until a person says otherwise.
std::vector<Undeliverable> write_recipients(Impl& impl, const std::vector<std::string>& recipients, std::int64_t id) {
  std::vector<Undeliverable> left_out;
  for (std::size_t i = 0; i < recipients.size(); ++i) {
    auto found = impl.load_undeliverable(recipients[i]);
    impl.run(sql::insert_recipient, id, i, recipients[i], found ? "barred" : "open");
    if (found) left_out.push_back(std::move(*found));
  }
  return left_out;
}

void write_suppression(Impl& impl, const OutgoingMail& mail, std::int64_t id, bool is_whole, const std::string& text,
                       Time now) {
  if (is_whole) impl.run(sql::suppress_outbox, id, text);
  impl.run(sql::insert_event, mail.ticket, now, "ticketd", "mail_suppressed", text);
}

std::int64_t write_outgoing(Impl& impl, const OutgoingMail& mail, const ContextQuery* known, Time now) {
  if (mail.recipients.empty()) throw ValueRefused("a mail without recipients can't leave");
  if (mail.write) throw std::logic_error("a mail that is not written out can't leave");
  const auto id =
      impl.insert(sql::insert_outbox, mail.ticket, name_of(mail.kind), mail.reverse_path, mail.message_id, now);
  if (!mail.octets.empty()) impl.run(sql::insert_outbox_octets, id, Blob{impl.compressor.compress(mail.octets)});
  const auto left_out = write_recipients(impl, mail.recipients, id);
  MailId row;
  row.message_id = mail.message_id;
  row.ours = true;
  row.ticket = mail.ticket;
  row.outbox = id;
  write_mail_id(impl, row);
  const bool is_whole = left_out.size() == mail.recipients.size();
  if (!left_out.empty()) write_suppression(impl, mail, id, is_whole, suppression_in_words(mail.kind, left_out), now);
  if (!is_whole) write_answered(impl, mail, known, now);
  return id;
}

void write_events(Impl& impl, const Decision& decision) {
  for (const auto& event : decision.events) {
    std::optional<TicketId> ticket;
    if (event.ticket != TicketId{}) ticket = event.ticket;
    if (!ticket && decision.ticket) ticket = decision.ticket->number;
    const auto id = impl.insert(sql::insert_event, ticket, event.at, event.actor, event.kind, event.detail);
    if (!event.organization.empty()) impl.run(sql::insert_organization_event, event.organization, id);
  }
}

/// The octets of a mail, and what a Compressor has made of them, or nothing.
struct RawMail {
  std::string_view octets, frame;
};

void write_conversation(Impl& impl, const Decision& decision, const RawMail& raw, Store::Applied& applied) {
  const auto& ticket = *decision.ticket;
  applied.ticket = ticket.number;
  for (const auto& address : decision.participants) impl.run(sql::insert_participant, ticket.number, address);
  for (const auto& message : decision.messages)
    applied.message_ids.push_back(write_message(impl, ticket.number, message));
  if (!decision.keeps_raw || applied.message_ids.empty()) return;
  const auto frame = raw.frame.empty() ? impl.compressor.compress(raw.octets) : raw.frame;
  impl.run(sql::insert_raw, applied.message_ids.front(), Blob{frame});
}

/// The conversation of `absorbed` goes over to `ticket`; ids of its mails lead there by Ticket::merged_into.
void write_merging(Impl& impl, const Ticket& ticket, const Ticket& absorbed) {
  write_ticket(impl, absorbed, false, 0);
  impl.run(sql::redirect_merged, absorbed.number, ticket.number);
  impl.run(sql::move_messages, absorbed.number, ticket.number);
  for (const auto number : {absorbed.number, ticket.number}) impl.run(sql::count_messages, number);
}

void write_standing(Impl& impl, const SenderStanding& standing, TicketId ticket, Time now) {
  if (standing.is_blocked)
    impl.run(sql::block_sender, standing.address, now, ticket);
  else
    impl.run(sql::unblock_sender, standing.address);
}

/// What came back, and which addresses get mail from now on: before anything new is put into the outbox.
void write_returns(Impl& impl, const Decision& decision, Time now) {
  for (const auto& note : decision.returned) impl.run(sql::note_return, note.outbox, note.text);
  for (const auto& each : decision.undeliverable)
    impl.run(sql::insert_undeliverable, address_key(each.address), each.since, each.reason, each.outbox);
  for (const auto& address : decision.deliverable) impl.run(sql::delete_undeliverable, address_key(address));
  if (decision.withheld_in_storm) impl.run(sql::count_answer, answer_span(now), 0, 1);
}

/// What waits to be told to staff, what is told now, and that they were told: it counts for whoever wrote the mail that
/// brought it, as the next one of theirs is counted.
void write_news(Impl& impl, const Decision& decision, const ContextQuery* known, Time now) {
  for (const auto& entry : decision.digest)
    impl.run(sql::insert_digest_entry, entry.at, entry.to.display_name, entry.to.addr_spec, entry.is_page, entry.ticket,
             static_cast<int>(entry.event), entry.since);
  for (const auto id : decision.told) impl.run(sql::delete_digest_entry, id);
  if (!decision.counts_for_page_limit || !decision.ticket) return;
  if (known != nullptr)
    impl.run(sql::insert_news, now, news_key(sender_key(known->sender), known->is_unproven),
             news_key(known->organization, known->is_unproven));
  else
    impl.run(sql::insert_news, now, sender_key(decision.ticket->requester.addr_spec), decision.ticket->organization);
}

/// A strike may be the one that the standing follows from: it is settled with the others then.
void write_fairness(Impl& impl, const Decision& decision) {
  for (const auto& ticket : decision.others) write_ticket(impl, ticket, false, 0);
  if (const auto& strike = decision.strike) {
    impl.run(sql::insert_organization, strike->organization);
    impl.run(sql::insert_strike, strike->organization, strike->at, strike->ticket, strike->reason, strike->is_settled);
  }
  if (const auto& standing = decision.organization_standing) {
    impl.run(sql::set_standing, standing->organization, standing->downgraded_until);
    impl.run(sql::settle_strikes, standing->organization);
  }
  if (!decision.downgrade_over.empty()) impl.run(sql::note_downgrade_end, decision.downgrade_over);
}

void write_opening(Impl& impl, const Ticket& ticket, Time now) {
  if (!ticket.requester.addr_spec.empty())
    impl.run(sql::insert_activity, sender_key(ticket.requester.addr_spec), "opened", now, ticket.number);
}

}  // namespace

Store::Applied Store::apply(const Decision& decision, std::string_view raw, const ContextQuery* known, Time now,
                            std::string_view frame) {
  if (!decision.ticket && !decision.messages.empty()) throw std::logic_error("messages without a ticket");
  Applied applied;
  if (decision.ticket) {
    write_ticket(*impl_, *decision.ticket, decision.opens, decision.messages.size());
    if (decision.opens) write_opening(*impl_, *decision.ticket, now);
    if (decision.absorbed) write_merging(*impl_, *decision.ticket, *decision.absorbed);
    write_conversation(*impl_, decision, {raw, frame}, applied);
    if (decision.sender_standing) write_standing(*impl_, *decision.sender_standing, decision.ticket->number, now);
  }
  write_fairness(*impl_, decision);
  write_returns(*impl_, decision, now);
  write_news(*impl_, decision, known, now);
  write_events(*impl_, decision);
  for (const auto& mail : decision.outgoing) applied.outbox_ids.push_back(write_outgoing(*impl_, mail, known, now));
  write_message_ids(*impl_, decision, known);
  if (known != nullptr) write_known(*impl_, decision, *known);
  return applied;
}

void Store::add_outgoing_octets(std::int64_t outbox, std::string_view frame) {
  impl_->run(sql::insert_outbox_octets, outbox, Blob{frame});
}

}  // namespace ticketd
