#include "rules/mail_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "parsers/ascii.h"
#include "rules/calendar.h"
#include "rules/classify.h"
#include "rules/response_clock.h"
#include "rules/time_words.h"

namespace ticketd {
namespace {

/// "within 30 minutes", "within 4 hours of office time"
Words target_words(Duration target, Clock clock) {
  return Words::phrase(clock == Clock::office_hours ? "target_in_office_time" : "target",
                       {{"duration", duration_words(target)}});
}

Words target_words(const Ticket& ticket, const Ruleset& ruleset) {
  return target_words(target_of(ticket, ruleset), clock_of(ticket.priority, ruleset));
}

Words due_in_words(Time due, Time now, const Ruleset& ruleset) {
  return Words::phrase("due", {{"when", due_time(due, now, ruleset)}, {"time_zone", ruleset.support.time_zone}});
}

Words promise(const Ticket& ticket, const Ruleset& ruleset, Time now) {
  if (ticket.clock_suspended)
    return Words::phrase("promise_incident", {{"incident", std::to_string(ticket.incident.value_or(0))}});
  if (!owes_response(ticket)) return {};
  if (*ticket.response_due_at <= now) return Words::phrase("promise_missed");
  return Words::phrase("promise", {{"target", target_words(ticket, ruleset)},
                                   {"due", due_in_words(*ticket.response_due_at, now, ruleset)}});
}

std::string shown_size(std::uint64_t octets) {
  constexpr std::uint64_t kilo = 1000, mega = kilo * kilo;
  if (octets >= mega) return fmt::format("{} MB", (octets + mega / 2) / mega);
  return fmt::format("{} KB", std::max<std::uint64_t>(1, (octets + kilo / 2) / kilo));
}

Words contact(const Support& support) {
  if (support.phone.empty() && support.portal_url.empty()) return {};
  if (support.portal_url.empty()) return Words::phrase("contact_phone", {{"phone", support.phone}});
  if (support.phone.empty()) return Words::phrase("contact_portal", {{"portal_url", support.portal_url}});
  return Words::phrase("contact_phone_and_portal", {{"phone", support.phone}, {"portal_url", support.portal_url}});
}

std::string_view examples_key(Priority priority) {
  switch (priority) {
    case Priority::urgent:
      return "urgent_examples";
    case Priority::high:
      return "high_examples";
    case Priority::normal:
      return "normal_examples";
  }
  return {};
}

constexpr std::string_view kBetweenExamples = "; ";

/// Those of the configuration are in whatever language the admin speaks; what he left as it was is in the mail's own.
Words examples_in_words(Priority priority, const Ruleset& ruleset) {
  const auto& examples = ruleset.rule(priority).examples;
  if (examples.empty()) return {};
  return Words::phrase("examples",
                       {{"examples", examples == default_examples(priority)
                                         ? Words::phrase(examples_key(priority))
                                         : Words(fmt::format("{}", fmt::join(examples, kBetweenExamples)))}});
}

std::vector<std::string> split_examples(std::string_view text) {
  std::vector<std::string> examples;
  while (!text.empty()) {
    const auto end = std::min(text.find(kBetweenExamples), text.size());
    examples.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + kBetweenExamples.size(), text.size()));
  }
  return examples;
}

/// A span of office days (add_office_days).
Words working_time(Duration span, const Ruleset& ruleset) {
  constexpr std::chrono::days kDay{1};
  if (!ever_opens(ruleset)) return duration_words(span);
  const auto days = span / kDay;
  if (span % kDay != Duration::zero()) return Words::phrase("office_time", {{"duration", duration_words(span)}});
  if (days == 1) return Words::phrase("working_day");
  return Words::phrase("working_days", {{"count", std::to_string(days)}});
}

}  // namespace

Words shown_subject(const Ticket& ticket) {
  return ticket.subject.empty() ? Words::phrase("no_subject") : Words(ticket.subject);
}

Words unquoted_subject() { return Words::phrase("unquoted_subject"); }

const std::vector<std::string>& default_examples(Priority priority) {
  static const auto kExamples = [] {
    std::map<Priority, std::vector<std::string>> examples;
    for (const auto each : {Priority::urgent, Priority::high, Priority::normal})
      examples[each] = split_examples(in_english(Words::phrase(examples_key(each))));
    return examples;
  }();
  return kExamples.at(priority);
}

Templates::Languages languages_of(const Ticket& ticket, const Ruleset& ruleset) {
  const auto owner = owner_of(ticket.organization, ticket.requester.addr_spec, ruleset);
  const auto found = std::ranges::find(ruleset.organizations, owner, &Organization::name);
  if (found == ruleset.organizations.end() || found->language.empty()) return {ruleset.language};
  return {found->language, ruleset.language};
}

std::string tag_of(TicketId ticket, const Ruleset& ruleset) {
  return fmt::format("{}-{}", ruleset.support.subject_tag, static_cast<std::int64_t>(ticket));
}

TemplateValues ticket_values(const Ticket& ticket, const Ruleset& ruleset, Time now) {
  const auto& support = ruleset.support;
  return {
      {"subject", shown_subject(ticket)},
      {"number", std::to_string(static_cast<std::int64_t>(ticket.number))},
      {"tag", tag_of(ticket.number, ruleset)},
      {"category", category_name(ticket.priority)},
      {"support_name", support.name},
      {"support_address", support.address},
      {"phone", support.phone},
      {"portal_url", support.portal_url},
      {"time_zone", support.time_zone},
      {"contact", contact(support)},
      {"promise", promise(ticket, ruleset, now)},
  };
}

void add_target_values(TemplateValues& values, const Ticket& ticket, Words category_reason, const Ruleset& ruleset,
                       Time now) {
  values["category_reason"] = std::move(category_reason);
  values["target"] = target_words(ticket, ruleset);
  values["due"] = owes_response(ticket) ? due_in_words(*ticket.response_due_at, now, ruleset) : Words();
}

void add_size_notice(TemplateValues& values, std::uint64_t original_size) {
  values["size_notice"] =
      original_size == 0 ? Words() : Words::phrase("size_notice", {{"size", shown_size(original_size)}});
}

void add_category_values(TemplateValues& values, const Ruleset& ruleset) {
  for (const auto priority : kPriorities) {
    const auto name = to_lower(category_name(priority));
    const auto clock = clock_of(priority, ruleset);
    auto target = target_words(ruleset.rule(priority).response, clock);
    values[name + "_target"] = clock == Clock::always
                                   ? Words::phrase("target_day_and_night", {{"target", std::move(target)}})
                                   : std::move(target);
    values[name + "_examples"] = examples_in_words(priority, ruleset);
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
  values["close_after"] = working_time(ruleset.close_after, ruleset);
  values["reopen_within"] = duration_words(ruleset.reopen_within);
}

}  // namespace ticketd
