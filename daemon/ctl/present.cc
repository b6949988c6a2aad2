#include "daemon/ctl/present.h"

#include <fmt/format.h>

#include "daemon/ctl/time_text.h"
#include "parsers/ascii.h"
#include "parsers/printable.h"
#include "parsers/reply_text.h"
#include "rules/time_words.h"

namespace ticketd {
namespace {

std::string person_text(const Mailbox& mailbox) {
  if (mailbox.display_name.empty()) return mailbox.addr_spec;
  return fmt::format("{} <{}>", mailbox.display_name, mailbox.addr_spec);
}

std::string response_text(const Ticket& ticket, Time now) {
  if (ticket.responded_at) return "answered " + relative_time(*ticket.responded_at, now);
  if (ticket.clock_suspended) return fmt::format("waits for incident {}", ticket.incident.value_or(0));
  if (!ticket.response_due_at || !owes_response(ticket)) return "-";
  return (is_breached(ticket, now) ? "was due " : "due ") + relative_time(*ticket.response_due_at, now);
}

void add_field(std::string& text, std::string_view name, const std::string& value) {
  if (!value.empty()) text += fmt::format("  {:<14}{}\n", name, printable_line(value));
}

std::string requested_text(const Ticket& ticket) {
  if (!ticket.requested_priority || *ticket.requested_priority == ticket.priority) return {};
  return fmt::format(" (asked for: {})", category_name(*ticket.requested_priority));
}

/// The name that programs see, with what it means where that is not plain.
std::string channel_text(Channel channel) {
  const std::string name(channel_name(channel));
  if (channel == Channel::portal) return name + " (the desk's own address)";
  if (channel == Channel::direct) return name + " (to staff, past the desk)";
  return name;
}

/// "2026-11-24 10:30:05 CET, 2 hours ago"
std::string moment_text(Time at, const Ruleset& ruleset, Time now) {
  return fmt::format("{}, {}", local_time_text(at, ruleset), relative_time(at, now));
}

std::string case_header(const TicketRow& row, const Ruleset& ruleset, Time now, const TextStyle& style) {
  const Ticket& ticket = row.ticket;
  const auto heading = style.bold(shown_number(ticket.number) + "  " + printable_line(ticket.subject)) + "\n\n";
  std::string text;
  add_field(text, "Status", std::string(name_of(ticket.status)));
  add_field(text, "Category", std::string(category_name(ticket.priority)) + requested_text(ticket));
  add_field(text, "Response", response_text(ticket, now));
  add_field(text, "Requester", person_text(ticket.requester));
  add_field(text, "Organization", ticket.organization);
  add_field(text, "Channel", channel_text(ticket.channel));
  add_field(text, "Assignee", ticket.assignee.empty() ? "nobody" : ticket.assignee);
  if (ticket.incident) add_field(text, "Incident", std::to_string(*ticket.incident));
  add_field(text, "Reported", moment_text(ticket.reported_at, ruleset, now));
  if (ticket.estimate_at && !ticket.resolved_at)
    add_field(text, "Expected", moment_text(*ticket.estimate_at, ruleset, now));
  if (ticket.resolved_at) add_field(text, "Resolved", moment_text(*ticket.resolved_at, ruleset, now));
  if (ticket.closed_at) add_field(text, "Closed", moment_text(*ticket.closed_at, ruleset, now));
  if (ticket.merged_into) add_field(text, "Merged into", shown_number(*ticket.merged_into));
  return heading + style.fitted(text);
}

std::string_view direction_text(Direction direction) {
  switch (direction) {
    case Direction::in:
      return "from";
    case Direction::out:
      return "sent by";
    case Direction::note:
      return "note of";
  }
  return {};
}

std::string indented(std::string_view text, const TextStyle& style) {
  std::string result;
  const auto safe = printable_text(text);
  for (std::size_t start = 0; start < safe.size();) {
    const auto end = std::min(safe.find('\n', start), safe.size());
    result += style.fitted("    " + safe.substr(start, end - start), Hanging::at_text) + "\n";
    start = end + 1;
  }
  return result;
}

/// "  2 hours ago, 2026-11-24 10:30:05 CET"
std::string when_text(Time at, const Ruleset& ruleset, Time now) {
  return fmt::format("  {}, {}", relative_time(at, now), local_time_text(at, ruleset));
}

std::string_view folded_name(TextRole role) { return role == TextRole::signature ? "signature" : "quoted"; }

/// Those that say something.
std::size_t count_lines(std::string_view text) {
  std::size_t lines = 0;
  for (bool blank = true; const char c : text) {
    if (c == '\n') blank = true;
    if (is_space(c) || !blank) continue;
    blank = false;
    ++lines;
  }
  return lines;
}

/// Of what customers sent: a quote with its attribution, and a signature, become a line each.
std::string folded_text(const Message& message, const TextStyle& style) {
  constexpr std::size_t worth_folding = 2;
  std::string text;
  const auto ranges = split_reply(message.text, message.subject).ranges;
  for (std::size_t i = 0; i < ranges.size();) {
    const auto role = ranges[i].role;
    const std::size_t start = ranges[i].start;
    std::size_t end = ranges[i].end;
    for (++i; role == TextRole::attribution && i < ranges.size() && ranges[i].role == TextRole::quoted; ++i)
      end = ranges[i].end;
    const auto part = std::string_view(message.text).substr(start, end - start);
    const auto lines = count_lines(part);
    const bool open = role == TextRole::written || role == TextRole::context || lines < worth_folding;
    text += open ? indented(part, style) : style.dim(fmt::format("    [{} {} lines]", lines, folded_name(role))) + "\n";
  }
  return text;
}

std::string message_text(const Message& message, QuotedText quoted, const Ruleset& ruleset, Time now,
                         const TextStyle& style) {
  std::string text = style.bold(fmt::format("[{}] {} {}", message.id, direction_text(message.direction),
                                            printable_line(person_text(message.from)))) +
                     style.dim(when_text(message.at, ruleset, now)) + "\n";
  if (message.by_stranger) text += "    (by a stranger, who takes no part in the ticket)\n";
  if (!message.importance.empty())
    text += fmt::format("    (marked by the mail program: {})\n", printable_line(message.importance));
  const bool folded = quoted == QuotedText::folded && message.direction == Direction::in;
  text += folded ? folded_text(message, style) : indented(message.text, style);
  for (const auto& attachment : message.attachments)
    text += fmt::format("    attachment {}: {} ({}, {} octets)\n", attachment.id, printable_line(attachment.name),
                        printable_line(attachment.media_type), attachment.size);
  return text + "\n";
}

/// Mails of the desk's own, of which the conversation keeps no text.
bool is_automatic_mail(const Event& event) {
  return event.kind == "acknowledgement_queued" || event.kind == "answer_queued" ||
         event.kind == "breach_notice_queued";
}

std::string automatic_mail_text(const Event& event, const Ruleset& ruleset, Time now, const TextStyle& style) {
  return style.bold("automatic mail of the desk") + style.dim(when_text(event.at, ruleset, now)) + "\n" +
         style.fitted("    " + printable_line(event.detail), Hanging::at_text) + "\n\n";
}

/// Messages and automatic mails, in the order of their times.
std::string conversation_text(std::span<const Message> messages, std::span<const Event> events, QuotedText quoted,
                              const Ruleset& ruleset, Time now, const TextStyle& style) {
  std::string text;
  auto event = events.begin();
  const auto add_mails_before = [&](Time end) {
    for (; event != events.end() && event->at < end; ++event)
      if (is_automatic_mail(*event)) text += automatic_mail_text(*event, ruleset, now, style);
  };
  for (const auto& message : messages) {
    add_mails_before(message.at);
    text += message_text(message, quoted, ruleset, now, style);
  }
  add_mails_before(Time::max());
  return text;
}

/// What the numbers are for; empty where there are none.
std::string id_hint(TicketId ticket, std::span<const Message> messages) {
  const auto number = static_cast<std::int64_t>(ticket);
  const auto raw = std::ranges::find_if(messages, &Message::has_raw);
  const auto with_files =
      std::ranges::find_if(messages, [](const Message& message) { return !message.attachments.empty(); });
  std::string text;
  if (raw != messages.end())
    text += fmt::format("[{0}] is a message's id; the mail as it came: ticketctl raw {1} {0}\n", raw->id, number);
  if (with_files != messages.end())
    text += fmt::format("An attachment has an id, too: ticketctl attachment {} {} -o FILE\n", number,
                        with_files->attachments.front().id);
  return text;
}

std::string summary_of(const MailboxHealth& health) {
  std::string text;
  for (const auto& [outcome, count] : health.counts)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, name_of(outcome));
  return text.empty() ? "nothing yet" : text;
}

/// What the server counts against what is on record.
std::string comparison_text(const MailboxHealth& health, Time now, const TextStyle& style) {
  if (!health.comparison) return "  not yet compared with the server's own count\n";
  const auto& [at, server_count, listed, on_record] = *health.comparison;
  std::string text = fmt::format("  compared {}: the server counts {}, {} of them on record", relative_time(at, now),
                                 server_count, on_record);
  const bool agrees = server_count == listed && listed == on_record;
  if (agrees) return text + "; nothing is missing here\n";
  if (listed != on_record) text += fmt::format("; {} without an outcome", listed - on_record);
  if (server_count != listed) text += fmt::format("; it lists {}, which is not what it counts", listed);
  return style.red(text) + "\n";
}

std::string joined(const std::vector<std::string>& parts) { return fmt::format("{}", fmt::join(parts, ", ")); }

std::string ticket_text(const std::optional<TicketId>& ticket) { return ticket ? shown_number(*ticket) : "-"; }

}  // namespace

std::string present_list(std::span<const TicketRow> rows, Time now, const TextStyle& style) {
  if (rows.empty()) return "No tickets.\n";
  TextTable table({"No.", "Category", "Status", "Response", "Assignee", "Requester", "Subject"});
  for (const auto& row : rows) {
    const Ticket& ticket = row.ticket;
    table.add({shown_number(ticket.number), std::string(category_name(ticket.priority)),
               std::string(name_of(ticket.status)), response_text(ticket, now),
               ticket.assignee.empty() ? "-" : ticket.assignee, shorten(ticket.requester.addr_spec, 32),
               shorten(ticket.subject, 60)});
    if (owes_response(ticket) && is_breached(ticket, now)) table.mark_red();
  }
  return table.render(style);
}

std::string present_case(const TicketRow& row, std::span<const Message> messages, std::span<const Event> events,
                         QuotedText quoted, const Ruleset& ruleset, Time now, const TextStyle& style) {
  std::string text = case_header(row, ruleset, now, style) + "\n" + style.dim("Conversation") + "\n";
  text += conversation_text(messages, events, quoted, ruleset, now, style);
  if (const auto hint = id_hint(row.ticket.number, messages); !hint.empty()) text += style.dim(hint) + "\n";
  text += style.dim(fmt::format("Timeline (times of {})", ruleset.support.time_zone)) + "\n";
  for (const auto& event : events)
    text +=
        style.fitted(fmt::format("  {}  {}  {} ({})\n", local_time_text(event.at, ruleset), printable_line(event.kind),
                                 printable_line(event.detail), printable_line(event.actor)));
  return text;
}

std::string present_change(const TicketRow& row, Time now) {
  const Ticket& ticket = row.ticket;
  return printable_line(fmt::format("{} is {}, {}, {}: {}", shown_number(ticket.number), name_of(ticket.status),
                                    category_name(ticket.priority), response_text(ticket, now), ticket.subject)) +
         "\n";
}

std::string present_outbox(std::span<const OutboxRow> rows, Time now, const TextStyle& style) {
  if (rows.empty()) return "The outbox is empty.\n";
  TextTable table({"Id", "Ticket", "Kind", "State", "Attempts", "Next", "To", "Last error"});
  for (const auto& row : rows) {
    table.add({std::to_string(row.mail.id), ticket_text(row.mail.ticket), std::string(name_of(row.mail.kind)),
               std::string(name_of(row.state)), std::to_string(row.attempts),
               row.next_attempt_at ? relative_time(*row.next_attempt_at, now) : "-",
               shorten(joined(row.mail.recipients), 40), row.last_error});
    if (row.state == OutboxState::failed || row.state == OutboxState::uncertain) table.mark_red();
  }
  return table.render(style);
}

std::string present_quarantine(std::span<const QuarantinedMail> mails, Time now, const TextStyle& style) {
  if (mails.empty()) return "The quarantine is empty.\n";
  TextTable table({"Id", "Mailbox", "UID", "When", "Octets", "Reason"});
  for (const auto& mail : mails)
    table.add({std::to_string(mail.id), mail.mailbox,
               mail.uid ? std::to_string(static_cast<std::uint32_t>(*mail.uid)) : "-", relative_time(mail.at, now),
               std::to_string(mail.size), mail.reason});
  return table.render(style);
}

std::string present_undeliverable(std::span<const Undeliverable> addresses, Time now, const TextStyle& style) {
  if (addresses.empty()) return "Mail goes to every address.\n";
  TextTable table({"Address", "Since", "Mail", "Ticket", "Reason"});
  for (const auto& each : addresses)
    table.add({each.address, relative_time(each.since, now), std::to_string(each.outbox), ticket_text(each.ticket),
               each.reason});
  return table.render(style);
}

std::string present_blocked(std::span<const BlockedSender> blocked, const Ruleset& ruleset, Time now,
                            const TextStyle& style) {
  if (blocked.empty() && ruleset.blocked_addresses.empty() && ruleset.blocked_domains.empty())
    return "Nobody's mail counts as spam by name.\n";
  TextTable table({"Sender", "Since", "By", "To undo it"});
  for (const auto& each : blocked)
    table.add({each.address, relative_time(each.since, now), "ticket " + ticket_text(each.ticket),
               "ticketctl reopen " + std::to_string(static_cast<std::int64_t>(each.ticket))});
  for (const auto& address : ruleset.blocked_addresses) table.add({address, "-", "configuration", "block.addresses"});
  for (const auto& domain : ruleset.blocked_domains) table.add({"@" + domain, "-", "configuration", "block.domains"});
  return table.render(style);
}

std::string present_probes(std::span<const Probe> probes, const TextStyle& style) {
  TextTable table({"Server", "Login", "Error"});
  for (const auto& probe : probes) {
    table.add({probe.name, probe.error.empty() ? "ok" : "failed", probe.error.empty() ? "-" : probe.error});
    if (!probe.error.empty()) table.mark_red();
  }
  return table.render(style);
}

std::string present_ledger(std::span<const MailboxHealth> mailboxes, std::span<const LedgerEntry> entries, Time now,
                           const TextStyle& style) {
  TextTable table({"Mailbox", "UID", "Outcome", "Ticket", "When", "Reason"});
  for (const auto& entry : entries)
    table.add({entry.mailbox, std::to_string(static_cast<std::uint32_t>(entry.uid)),
               std::string(name_of(entry.outcome)), ticket_text(entry.ticket), relative_time(entry.at, now),
               entry.reason});
  std::string text = table.render(style) + "\n";
  for (const auto& health : mailboxes) {
    text += fmt::format("{}: {}\n", printable_line(health.name), summary_of(health));
    text += comparison_text(health, now, style);
    for (const Uid uid : health.missing)
      text +=
          style.red(fmt::format("  UID {} is on the server and not in the ledger", static_cast<std::uint32_t>(uid))) +
          "\n";
  }
  return text;
}

std::string present_decision(const Decision& decision, const Email* email, const TextStyle& style) {
  std::string text;
  if (email && email->from) add_field(text, "From", person_text(*email->from));
  if (email) add_field(text, "Subject", email->subject);
  add_field(text, "Outcome", fmt::format("{}: {}", name_of(decision.outcome), decision.reason));
  if (decision.ticket)
    add_field(text, "Ticket",
              fmt::format("{}, {}", shown_number(decision.ticket->number), category_name(decision.ticket->priority)));
  add_field(text, "Channel", channel_text(decision.channel));
  add_field(text, "Organization", decision.organization);
  add_field(text, "Acknowledged",
            fmt::format("{}: {}", decision.acknowledges ? "yes" : "no", decision.acknowledgement_reason));
  text = style.fitted(text) + "\n" + style.dim("Why") + "\n";
  for (const auto& reason : decision.reasons)
    text += style.fitted("  - " + printable_line(reason), Hanging::at_text) + "\n";
  const std::string written = email ? reply_text(email->text, email->subject) : std::string();
  if (!written.empty()) text += "\n" + style.dim("New text") + "\n" + indented(written, style);
  return text;
}

}  // namespace ticketd
