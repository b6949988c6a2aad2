#include "rules/mail_values.h"

#include <fmt/format.h>

#include <algorithm>

#include "parsers/ascii.h"
#include "rules/calendar.h"

namespace ticketd {
namespace {

/// "within 30 minutes", "within 4 hours of office time"
std::string target_in_words(Priority priority, const Ruleset& ruleset) {
  const auto& rule = ruleset.rule(priority);
  return fmt::format("within {}{}", humane_duration(rule.response),
                     rule.clock == Clock::office_hours ? " of office time" : "");
}

std::string due_in_words(Time due, Time now, const Ruleset& ruleset) {
  return fmt::format("by {} ({})", local_due_time(due, now, ruleset), ruleset.support.time_zone);
}

std::string promise(const Ticket& ticket, const Ruleset& ruleset, Time now) {
  if (ticket.clock_suspended)
    return fmt::format(
        "Your request waits for a fault that we know of and are working on (incident {}); as soon as "
        "that is over we write to you.",
        ticket.incident.value_or(0));
  if (!owes_response(ticket)) return {};
  if (*ticket.response_due_at <= now)
    return "The time by which we wanted to answer has passed already; a member of our staff will answer you as soon as "
           "possible.";
  return fmt::format("A member of our staff will answer you {}, that is {}.", target_in_words(ticket.priority, ruleset),
                     due_in_words(*ticket.response_due_at, now, ruleset));
}

std::string shown_size(std::uint64_t octets) {
  constexpr std::uint64_t kilo = 1000, mega = kilo * kilo;
  if (octets >= mega) return fmt::format("{} MB", (octets + mega / 2) / mega);
  return fmt::format("{} KB", std::max<std::uint64_t>(1, (octets + kilo / 2) / kilo));
}

std::string contact(const Support& support) {
  if (support.phone.empty() && support.portal_url.empty()) return {};
  if (support.portal_url.empty()) return fmt::format("You can also reach us by telephone: {}", support.phone);
  if (support.phone.empty()) return fmt::format("You find your requests in the portal: {}", support.portal_url);
  return fmt::format("You can also reach us by telephone ({}), and you find your requests in the portal: {}",
                     support.phone, support.portal_url);
}

std::string examples_in_words(const PriorityRule& rule) {
  if (rule.examples.empty()) return {};
  return fmt::format("For example: {}.", fmt::join(rule.examples, "; "));
}

}  // namespace

std::string shown_subject(const Ticket& ticket) { return ticket.subject.empty() ? "(no subject)" : ticket.subject; }

std::string tag_of(TicketId ticket, const Ruleset& ruleset) {
  return fmt::format("{}-{}", ruleset.support.subject_tag, static_cast<std::int64_t>(ticket));
}

TemplateValues ticket_values(const Ticket& ticket, const Ruleset& ruleset, Time now) {
  const auto& support = ruleset.support;
  return {
      {"subject", shown_subject(ticket)},
      {"number", std::to_string(static_cast<std::int64_t>(ticket.number))},
      {"tag", tag_of(ticket.number, ruleset)},
      {"category", std::string(category_name(ticket.priority))},
      {"support_name", support.name},
      {"support_address", support.address},
      {"phone", support.phone},
      {"portal_url", support.portal_url},
      {"time_zone", support.time_zone},
      {"contact", contact(support)},
      {"promise", promise(ticket, ruleset, now)},
  };
}

void add_target_values(TemplateValues& values, const Ticket& ticket, std::string_view category_reason,
                       const Ruleset& ruleset, Time now) {
  values["category_reason"] = category_reason;
  values["target"] = target_in_words(ticket.priority, ruleset);
  values["due"] = owes_response(ticket) ? due_in_words(*ticket.response_due_at, now, ruleset) : "";
}

void add_size_notice(TemplateValues& values, std::uint64_t original_size) {
  values["size_notice"] =
      original_size == 0
          ? std::string()
          : fmt::format(
                "Your mail of {} is larger than we can take. We have read its beginning, but not the rest, nor its "
                "attachments. Please send us what is missing in smaller mails, as replies to this one.",
                shown_size(original_size));
}

void add_category_values(TemplateValues& values, const Ruleset& ruleset) {
  for (const auto priority : kPriorities) {
    const auto& rule = ruleset.rule(priority);
    const auto name = to_lower(category_name(priority));
    values[name + "_target"] =
        target_in_words(priority, ruleset) + (rule.clock == Clock::always ? ", day and night" : "");
    values[name + "_examples"] = examples_in_words(rule);
  }
}

void add_person_values(TemplateValues& values, std::string_view text, std::string_view staff_name) {
  values["text"] = text;
  values["staff_name"] = staff_name;
}

void add_estimate_values(TemplateValues& values, Time estimate, const Ruleset& ruleset, Time now) {
  values["estimate"] = due_in_words(estimate, now, ruleset);
}

void add_closing_values(TemplateValues& values, const Ruleset& ruleset) {
  values["close_after"] = humane_duration(ruleset.close_after);
  values["reopen_within"] = humane_duration(ruleset.reopen_within);
}

}  // namespace ticketd
