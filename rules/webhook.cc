#include "rules/webhook.h"

#include <fmt/format.h>

#include "parsers/printable.h"
#include "rules/compose.h"
#include "rules/json_string.h"
#include "rules/mail_values.h"
#include "rules/roster.h"

namespace ticketd {
namespace {

constexpr std::string_view kScheme = "webhook:";

std::string json_line(std::string_view foreign) { return json_string(printable_line(foreign)); }

std::string json_time(const std::optional<Time>& at) { return at ? json_string(iso8601(*at)) : "null"; }

/// The names are those of `ticketctl --json`.
std::string ticket_json(const Ticket& ticket, const Ruleset& ruleset) {
  return fmt::format(
      R"({{"number":{},"tag":{},"subject":{},"status":"{}","priority":{},"requester":{{"name":{},"address":{}}},)"
      R"("organization":{},"assignee":{},"reported_at":{},"response_due_at":{}}})",
      static_cast<std::int64_t>(ticket.number), json_line(tag_of(ticket.number, ruleset)), json_line(ticket.subject),
      name_of(ticket.status), static_cast<int>(ticket.priority), json_line(ticket.requester.display_name),
      json_line(ticket.requester.addr_spec), json_line(ticket.organization),
      ticket.assignee.empty() ? "null" : json_line(ticket.assignee), json_time(ticket.reported_at),
      json_time(ticket.response_due_at));
}

OutgoingMail call_of(const StaffMember& member, std::string octets, const Ruleset& ruleset, std::string_view token) {
  OutgoingMail call;
  call.kind = OutboxKind::webhook;
  call.recipients = {webhook_recipient(member)};
  call.message_id = message_id_for(token, ruleset);
  call.octets = std::move(octets);
  return call;
}

}  // namespace

std::string webhook_recipient(const StaffMember& member) { return std::string(kScheme) + member.name; }

const StaffMember* find_webhook(std::string_view recipient, const Ruleset& ruleset) {
  if (!recipient.starts_with(kScheme)) return nullptr;
  const auto* member = find_staff_by_name(recipient.substr(kScheme.size()), ruleset);
  return member != nullptr && !member->webhook.empty() ? member : nullptr;
}

OutgoingMail webhook_page(const StaffMember& member, const WebhookNews& news, const Ruleset& ruleset, Time now,
                          std::string_view token) {
  auto call = call_of(
      member,
      fmt::format(R"({{"kind":"page","event":"{}","headline":{},"to":{},"at":{},"ticket":{}}})", name_of(news.event),
                  json_line(news.headline), json_line(member.name), json_time(now), ticket_json(news.ticket, ruleset)),
      ruleset, token);
  call.ticket = news.ticket.number;
  return call;
}

OutgoingMail webhook_digest(const StaffMember& member, std::string_view headline, const std::vector<WebhookNews>& news,
                            const Ruleset& ruleset, Time now, std::string_view token) {
  std::vector<std::string> tickets;
  for (const auto& each : news)
    tickets.push_back(fmt::format(R"({{"event":"{}","headline":{},"ticket":{}}})", name_of(each.event),
                                  json_line(each.headline), ticket_json(each.ticket, ruleset)));
  return call_of(member,
                 fmt::format(R"({{"kind":"digest","headline":{},"to":{},"at":{},"tickets":[{}]}})", json_line(headline),
                             json_line(member.name), json_time(now), fmt::join(tickets, ",")),
                 ruleset, token);
}

}  // namespace ticketd
