#include "rules/incident_orders.h"

#include <fmt/format.h>

#include <algorithm>

#include "parsers/ascii.h"
#include "parsers/printable.h"
#include "rules/classify.h"
#include "rules/command_case.h"
#include "rules/event_log.h"
#include "rules/mail_encoder.h"
#include "rules/organization_names.h"

namespace ticketd {
namespace {

/// As tickets carry it: one that there is, or that there will be once its first ticket comes. nullopt: no organization.
std::optional<std::string> organization_for(std::string_view words, std::vector<std::string> names,
                                            const Ruleset& ruleset) {
  if (words.empty()) return std::nullopt;
  for (const auto& organization : ruleset.organizations) names.push_back(organization.name);
  for (const auto& rule : ruleset.mail_rules)
    if (!rule.organization.empty()) names.push_back(rule.organization);
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  const std::string wanted(words);
  if (auto known = organization_meant(wanted, names, ruleset)) return known;
  if (words.find('@') != words.npos) return organization_of(words, ruleset);
  constexpr std::string_view kNobody = "x@";  // of a free-mail domain, everybody is one of his own
  auto by_domain = organization_of(std::string(kNobody) + wanted, ruleset);
  if (words.find('.') == words.npos || by_domain.starts_with(kNobody)) return std::nullopt;
  return by_domain;
}

std::string title_obstacle(std::string_view title) {
  constexpr std::ptrdiff_t kLongestTitle = 200;
  const auto starts = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };  // a UTF-8 sequence
  if (title.empty()) return "An incident needs a title: it stands on the status page and in mails.";
  if (std::ranges::count_if(title, starts) <= kLongestTitle) return {};
  return fmt::format("The title is too long: {} characters at most, and the rest as --message.", kLongestTitle);
}

std::string pattern_obstacle(const OpenIncident& order, const std::optional<std::string>& organization) {
  const auto pattern = trim(order.pattern);
  switch (order.match) {
    case IncidentMatch::words:
      if (pattern.empty()) return "The words that new tickets are matched with are missing.";
      if (const auto wrong = pattern_error(order.pattern); !wrong.empty())
        return fmt::format("\"{}\" is no regular expression: {}", printable_line(order.pattern), printable_line(wrong));
      return {};
    case IncidentMatch::organization:
      if (organization) return {};
      return fmt::format("There is no organization \"{}\": write a name of the configuration, a domain, or an address.",
                         printable_line(pattern));
    case IncidentMatch::by_hand:
    case IncidentMatch::all:
      return {};
  }
  return {};
}

}  // namespace

std::variant<Incident, Refusal> decide_open_incident(const OpenIncident& order,
                                                     const std::vector<std::string>& organizations,
                                                     const Ruleset& ruleset, Time now) {
  Incident incident;
  incident.title = header_line(order.title);
  if (auto why = title_obstacle(incident.title); !why.empty()) return unusable(std::move(why));
  const auto organization = organization_for(trim(order.pattern), organizations, ruleset);
  if (auto why = pattern_obstacle(order, organization); !why.empty()) return unusable(std::move(why));
  incident.match = order.match;
  if (order.match == IncidentMatch::words) incident.pattern = order.pattern;
  if (order.match == IncidentMatch::organization) incident.pattern = *organization;
  incident.opened_at = now;
  incident.text = trim(order.text);
  return incident;
}

std::optional<Refusal> incident_obstacle(IncidentNumber wanted, const std::optional<Incident>& incident) {
  if (!incident) return Refusal{Refusal::Kind::no_such_ticket, fmt::format("There is no {}.", shown_incident(wanted))};
  if (incident->resolved_at) return unusable(fmt::format("The {} is resolved already.", shown_incident(wanted)));
  return std::nullopt;
}

Decision incident_event(const Actor& actor, std::string_view kind, std::string detail, Time now) {
  Decision decision;
  log_event(decision, TicketId{}, now, name_of_actor(actor), kind, std::move(detail));
  return decision;
}

}  // namespace ticketd
