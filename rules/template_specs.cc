#include "rules/template_specs.h"

#include <algorithm>

namespace ticketd {
namespace {

// What every text may say.
constexpr std::array<std::string_view, 11> kCommon{
    "subject",   // the ticket's subject, without prefixes and tag
    "number",    // 123
    "tag",       // SUP-123, as it stands in the subject
    "category",  // Urgent, High, Normal
    "support_name", "support_address", "phone", "portal_url", "time_zone",
    "contact",  // a sentence with telephone and portal; empty when neither is configured
    "promise",  // a sentence with the target and the due time; empty when no answer is owed
};

// When an answer will come.
constexpr std::array<std::string_view, 3> kTarget{
    "category_reason",  // a sentence
    "target",           // within 30 minutes
    "due",              // by 10:30 today
};

// What each category means.
constexpr std::array<std::string_view, 6> kCategories{
    "urgent_target", "urgent_examples", "high_target", "high_examples", "normal_target", "normal_examples",
};

// What a member of the staff wrote, and who it was.
constexpr std::array<std::string_view, 2> kPerson{"text", "staff_name"};

// What follows a resolution: durations.
constexpr std::array<std::string_view, 2> kClosing{"close_after", "reopen_within"};

// What a customer whose mail was too large has to know, in sentences; else empty.
constexpr std::array<std::string_view, 1> kLarge{"size_notice"};

// When a resolution is expected: by 10:30 today.
constexpr std::array<std::string_view, 1> kEstimate{"estimate"};

// What a customer asked for in vain.
constexpr std::array<std::string_view, 1> kRefusal{"requested"};

// About a ticket, for staff.
constexpr std::array<std::string_view, 4> kStaff{
    "headline",   // New Urgent ticket
    "requester",  // name and address
    "organization",
    "state",  // a sentence: status, who has it, when an answer is due
};

// News of a ticket, for staff.
constexpr std::array<std::string_view, 3> kNews{
    "words",     // what was written or has to be done; may be empty
    "reason",    // sentences: what happened, who was told, and why
    "cut_line",  // above which an answer is written
};

// Why a staff member's mail was not carried out.
constexpr std::array<std::string_view, 2> kHelp{"refusal", "cut_line"};

// A staff member's mail that is about no single ticket.
constexpr std::array<std::string_view, 4> kWhichTicket{"mail_subject", "tag", "support_name", "cut_line"};

// Tickets that wait, for staff.
constexpr std::array<std::string_view, 5> kDigest{"tickets", "count", "what", "support_name", "cut_line"};

// An organization's standing, for staff: what has become of it and why, its tickets that changed, what can be done.
constexpr std::array<std::string_view, 7> kStanding{"headline", "organization", "reason",  "tickets",
                                                    "advice",   "support_name", "cut_line"};

// How the customer may go on when the target is missed: sentences; empty for what can't be raised.
constexpr std::array<std::string_view, 1> kBreach{"raise_offer"};

// A major incident.
constexpr std::array<std::string_view, 4> kIncident{
    "incident_title",
    "incident_text",  // what was said of it last; may be empty
    "status_url",
    "status_page",  // a sentence with it; empty when none is configured
};

// What needs a person, or does not any more: a line for each.
constexpr std::array<std::string_view, 4> kAlarm{"problems", "count", "first", "support_name"};

const std::array<TemplateSpec, 23>& specs() {
  constexpr auto kAlways = TemplateSpec::Use::always, kToCustomers = TemplateSpec::Use::to_customers,
                 kOptional = TemplateSpec::Use::optional;
  static const std::array<TemplateSpec, 23> kSpecs{{
      {"acknowledgement.txt", kToCustomers, {kCommon, kTarget, kLarge}},
      {"acknowledgement-incident.txt", kToCustomers, {kCommon, kTarget, kLarge, kIncident}},
      {"acknowledgement-unlabelled.txt", kToCustomers, {kCommon, kTarget, kCategories, kLarge}},
      {"alarm.txt", kAlways, {kAlarm, {}, {}}},
      {"alarm-over.txt", kAlways, {kAlarm, {}, {}}},
      {"answer-category-changed.txt", kToCustomers, {kCommon, kTarget, {}}},
      {"answer-category-kept.txt", kToCustomers, {kCommon, kTarget, kRefusal}},
      {"answer-mail-too-large.txt", kToCustomers, {kCommon, kLarge, {}}},
      {"breach.txt", kOptional, {kCommon, kTarget, kBreach}},
      {"breach-normal.txt", kOptional, {kCommon, kTarget, kBreach}},  // not built in
      {"closed.txt", kOptional, {kCommon, kClosing, {}}},             // not built in: closing is silent without it
      {"estimate.txt", kToCustomers, {kCommon, kPerson, kEstimate}},
      {"incident-linked.txt", kToCustomers, {kCommon, kIncident, {}}},
      {"incident-resolved.txt", kToCustomers, {kCommon, kPerson, kClosing, kIncident}},
      {"incident-unlinked.txt", kToCustomers, {kCommon, {}, {}}},
      {"reply.txt", kToCustomers, {kCommon, kPerson, {}}},
      {"resolution.txt", kToCustomers, {kCommon, kPerson, kClosing}},
      {"staff-digest.txt", kAlways, {kDigest, {}, {}}},
      {"staff-help.txt", kAlways, {kCommon, kHelp, {}}},
      {"staff-news.txt", kAlways, {kCommon, kStaff, kNews}},
      {"staff-page.txt", kAlways, {kCommon, kStaff, {}}},
      {"staff-standing.txt", kAlways, {kStanding, {}, {}}},
      {"staff-which-ticket.txt", kAlways, {kWhichTicket, {}, {}}},
  }};
  return kSpecs;
}

}  // namespace

const TemplateSpec* find_template_spec(std::string_view file) {
  const auto spec = std::ranges::find(specs(), file, &TemplateSpec::file);
  return spec == specs().end() ? nullptr : &*spec;
}

std::vector<std::string_view> allowed_placeholders(const TemplateSpec& spec) {
  std::vector<std::string_view> names;
  for (const auto& group : spec.placeholders) names.insert(names.end(), group.begin(), group.end());
  return names;
}

std::vector<std::string> template_files() {
  std::vector<std::string> names;
  for (const auto& spec : specs()) names.emplace_back(spec.file);
  return names;
}

std::vector<std::string> customer_files() {
  std::vector<std::string> names;
  for (const auto& spec : specs())
    if (spec.is_to_customers()) names.emplace_back(spec.file);
  return names;
}

}  // namespace ticketd
