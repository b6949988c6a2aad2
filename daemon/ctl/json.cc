#include "daemon/ctl/json.h"

#include <algorithm>

#include "daemon/ctl/time_text.h"
#include "parsers/reply_text.h"

namespace ticketd {
namespace {

namespace json = boost::json;

json::value or_null(const std::string& text) { return text.empty() ? json::value(nullptr) : json::value(text); }

json::value or_null(const std::optional<Time>& at) { return at ? json::value(iso8601(*at)) : json::value(nullptr); }

json::value or_null(const std::optional<Priority>& priority) {
  return priority ? json::value(static_cast<int>(*priority)) : json::value(nullptr);
}

json::value or_null(const std::optional<TicketId>& ticket) {
  return ticket ? json::value(static_cast<std::int64_t>(*ticket)) : json::value(nullptr);
}

json::object mailbox_json(const Mailbox& mailbox) {
  return {{"address", mailbox.addr_spec}, {"name", or_null(mailbox.display_name)}};
}

json::array mailboxes_json(const std::vector<Mailbox>& mailboxes) {
  json::array array;
  for (const auto& mailbox : mailboxes) array.push_back(mailbox_json(mailbox));
  return array;
}

template <class Strings>
json::array strings_json(const Strings& strings) {
  json::array array;
  for (const auto& text : strings) array.emplace_back(std::string_view(text));
  return array;
}

json::object attachment_json(const Attachment& attachment, bool with_id) {
  json::object object;
  if (with_id) object["id"] = attachment.id;
  object["name"] = attachment.name;
  object["media_type"] = attachment.media_type;
  object["size"] = attachment.size;
  return object;
}

json::array attachments_json(const std::vector<Attachment>& attachments, bool with_id) {
  json::array array;
  for (const auto& attachment : attachments) array.push_back(attachment_json(attachment, with_id));
  return array;
}

void add_comparison(json::object& object, const std::optional<MailboxHealth::Comparison>& comparison) {
  for (const auto* name : {"compared_at", "server_count", "listed", "on_record", "difference"}) object[name] = nullptr;
  if (!comparison) return;
  object["compared_at"] = iso8601(comparison->at);
  object["server_count"] = comparison->server_count;
  object["listed"] = comparison->listed;
  object["on_record"] = comparison->on_record;
  object["difference"] =
      static_cast<std::int64_t>(comparison->server_count) - static_cast<std::int64_t>(comparison->on_record);
}

json::object health_ledger_json(const MailboxHealth& health) {
  json::object counts;
  for (const auto& [outcome, count] : health.counts) counts[name_of(outcome)] = count;
  json::array missing;
  for (const Uid uid : health.missing) missing.emplace_back(static_cast<std::uint32_t>(uid));
  json::object object{{"name", health.name},
                      {"uid_validity", static_cast<std::uint32_t>(health.uid_validity)},
                      {"last_uid", static_cast<std::uint32_t>(health.last_uid)},
                      {"counts", std::move(counts)},
                      {"missing", std::move(missing)}};
  add_comparison(object, health.comparison);
  return object;
}

json::object entry_json(const LedgerEntry& entry) {
  return {{"mailbox", entry.mailbox},
          {"uid_validity", static_cast<std::uint32_t>(entry.uid_validity)},
          {"uid", static_cast<std::uint32_t>(entry.uid)},
          {"outcome", name_of(entry.outcome)},
          {"ticket", or_null(entry.ticket)},
          {"at", iso8601(entry.at)},
          {"reason", entry.reason}};
}

json::object health_status_json(const MailboxHealth& health) {
  json::value lag = nullptr;
  if (health.lag) lag = std::chrono::duration<double>(*health.lag).count();
  return {{"name", health.name},
          {"last_success_at", or_null(health.last_success_at)},
          {"lag", std::move(lag)},
          {"error", or_null(health.error)}};
}

json::value next_target_json(const std::optional<NextTarget>& target) {
  if (!target) return nullptr;
  return json::object{{"ticket", static_cast<std::int64_t>(target->ticket)},
                      {"category", category_name(target->priority)},
                      {"due_at", iso8601(target->due_at)}};
}

}  // namespace

json::object ticket_json(const TicketRow& row, Time now) {
  const Ticket& ticket = row.ticket;
  json::value incident = nullptr;
  if (ticket.incident) incident = *ticket.incident;
  return {{"number", static_cast<std::int64_t>(ticket.number)},
          {"subject", ticket.subject},
          {"status", name_of(ticket.status)},
          {"priority", static_cast<int>(ticket.priority)},
          {"category", category_name(ticket.priority)},
          {"requested_priority", or_null(ticket.requested_priority)},
          {"channel", channel_name(ticket.channel)},
          {"requester", mailbox_json(ticket.requester)},
          {"organization", or_null(ticket.organization)},
          {"assignee", or_null(ticket.assignee)},
          {"incident", std::move(incident)},
          {"merged_into", or_null(ticket.merged_into)},
          {"reported_at", iso8601(ticket.reported_at)},
          {"response_due_at", or_null(ticket.response_due_at)},
          {"responded_at", or_null(ticket.responded_at)},
          {"breached", is_breached(ticket, now)},
          {"estimate_at", or_null(ticket.estimate_at)},
          {"resolved_at", or_null(ticket.resolved_at)},
          {"closed_at", or_null(ticket.closed_at)},
          {"message_count", row.message_count}};
}

json::object message_json(const Message& message) {
  return {{"id", message.id},
          {"direction", name_of(message.direction)},
          {"at", iso8601(message.at)},
          {"from", mailbox_json(message.from)},
          {"to", mailboxes_json(message.to)},
          {"cc", mailboxes_json(message.cc)},
          {"subject", message.subject},
          {"message_id", or_null(message.message_id)},
          {"importance", or_null(message.importance)},
          {"stranger", message.by_stranger},
          {"text", message.text},
          {"reply_text", message.direction == Direction::in ? reply_text(message.text, message.subject) : message.text},
          {"attachments", attachments_json(message.attachments, true)}};
}

json::object event_json(const Event& event) {
  return {{"at", iso8601(event.at)}, {"actor", event.actor}, {"kind", event.kind}, {"detail", event.detail}};
}

json::object case_json(const TicketRow& row, std::span<const Message> messages, std::span<const Event> events,
                       Time now) {
  auto object = ticket_json(row, now);
  json::array message_array, event_array;
  for (const auto& message : messages) message_array.push_back(message_json(message));
  for (const auto& event : events) event_array.push_back(event_json(event));
  object["messages"] = std::move(message_array);
  object["events"] = std::move(event_array);
  return object;
}

json::object outbox_json(const OutboxRow& row) {
  return {{"id", row.mail.id},
          {"ticket", or_null(row.mail.ticket)},
          {"kind", name_of(row.mail.kind)},
          {"to", strings_json(row.mail.recipients)},
          {"state", name_of(row.state)},
          {"attempts", row.attempts},
          {"next_attempt_at", or_null(row.next_attempt_at)},
          {"last_error", or_null(row.last_error)},
          {"message_id", row.mail.message_id}};
}

json::object quarantined_json(const QuarantinedMail& mail) {
  json::value uid = nullptr;
  if (mail.uid) uid = static_cast<std::uint32_t>(*mail.uid);
  return {{"id", mail.id},          {"mailbox", mail.mailbox}, {"uid", std::move(uid)},
          {"at", iso8601(mail.at)}, {"reason", mail.reason},   {"size", mail.size}};
}

json::object undeliverable_json(const Undeliverable& undeliverable) {
  json::value ticket = nullptr;
  if (undeliverable.ticket) ticket = static_cast<std::int64_t>(*undeliverable.ticket);
  return {{"address", undeliverable.address},
          {"since", iso8601(undeliverable.since)},
          {"reason", undeliverable.reason},
          {"outbox", undeliverable.outbox},
          {"ticket", std::move(ticket)}};
}

json::array blocked_json(std::span<const BlockedSender> blocked, const Ruleset& ruleset) {
  json::array array;
  for (const auto& each : blocked)
    array.push_back(json::object{
        {"address", each.address}, {"since", iso8601(each.since)}, {"ticket", static_cast<std::int64_t>(each.ticket)}});
  const auto add = [&](std::string address) {
    array.push_back(json::object{{"address", std::move(address)}, {"since", nullptr}, {"ticket", nullptr}});
  };
  for (const auto& address : ruleset.blocked_addresses) add(address);
  for (const auto& domain : ruleset.blocked_domains) add("@" + domain);
  return array;
}

json::object probe_json(const Probe& probe) {
  return {{"name", probe.name}, {"ok", probe.error.empty()}, {"error", or_null(probe.error)}};
}

json::object ledger_json(std::span<const MailboxHealth> mailboxes, std::span<const LedgerEntry> entries) {
  json::array mailbox_array, entry_array;
  for (const auto& health : mailboxes) mailbox_array.push_back(health_ledger_json(health));
  for (const auto& entry : entries) entry_array.push_back(entry_json(entry));
  return {{"mailboxes", std::move(mailbox_array)}, {"entries", std::move(entry_array)}};
}

json::object status_json(std::span<const Problem> problems, std::span<const std::string> hindrances,
                         std::span<const MailboxHealth> mailboxes, const DeskCounts& counts) {
  json::array mailbox_array, texts, stuck;
  for (const auto& each : counts.stuck)
    stuck.push_back(json::object{{"ticket", static_cast<std::int64_t>(each.ticket)}, {"reason", each.reason}});
  for (const auto& problem : problems) texts.emplace_back(problem.text);
  for (const auto& health : mailboxes) mailbox_array.push_back(health_status_json(health));
  return {{"ok", problems.empty()},
          {"problems", std::move(texts)},
          {"hindrances", strings_json(hindrances)},
          {"mailboxes", std::move(mailbox_array)},
          {"outbox", json::object{{"queued", counts.queued},
                                  {"sending", counts.sending},
                                  {"deferred", counts.deferred},
                                  {"put_off", counts.put_off},
                                  {"failed", counts.failed},
                                  {"uncertain", counts.uncertain},
                                  {"oldest_at", or_null(counts.oldest_unsent_at)},
                                  {"oldest_sending_at", or_null(counts.oldest_sending_at)}}},
          {"tickets", json::object{{"new", counts.tickets_new},
                                   {"open", counts.tickets_open},
                                   {"resolved", counts.tickets_resolved},
                                   {"breached", counts.tickets_breached},
                                   {"overdue", counts.tickets_overdue}}},
          {"due_next", next_target_json(counts.next_target)},
          {"most_overdue", next_target_json(counts.most_overdue)},
          {"stuck", std::move(stuck)}};
}

json::object decision_json(const Decision& decision, const Email* email) {
  json::array classes;
  for (const MailClass mail_class : decision.classes) classes.emplace_back(name_of(mail_class));
  json::value priority = nullptr, ticket = or_null(decision.linked_ticket);
  if (decision.ticket) {
    priority = static_cast<int>(decision.ticket->priority);
    ticket = static_cast<std::int64_t>(decision.ticket->number);
  }
  json::object object{{"outcome", name_of(decision.outcome)}, {"ticket", std::move(ticket)}};
  object["from"] = email && email->from ? json::value(mailbox_json(*email->from)) : json::value(nullptr);
  object["to"] = email ? mailboxes_json(email->to) : json::array{};
  object["subject"] = email ? json::value(email->subject) : json::value(nullptr);
  object["message_id"] = email ? or_null(email->message_id) : json::value(nullptr);
  object["text"] = email ? json::value(email->text) : json::value(nullptr);
  object["reply_text"] = email ? json::value(reply_text(email->text, email->subject)) : json::value(nullptr);
  object["attachments"] = email ? attachments_json(email->attachments, false) : json::array{};
  object["channel"] = channel_name(decision.channel);
  object["organization"] = or_null(decision.organization);
  object["requested_priority"] = or_null(decision.requested_priority);
  object["priority"] = std::move(priority);
  object["reason"] = decision.reason;
  object["reasons"] = strings_json(decision.reasons);
  object["acknowledgement"] = json::object{{"send", decision.acknowledges}, {"why", decision.acknowledgement_reason}};
  object["classes"] = std::move(classes);
  return object;
}

}  // namespace ticketd
