#include "rules/incident_orders.h"

#include <fmt/format.h>

#include <algorithm>

#include "parsers/ascii.h"
#include "parsers/printable.h"
#include "rules/command_case.h"
#include "rules/event_log.h"
#include "rules/mail_encoder.h"

namespace ticketd {
namespace {

/// A name of the configuration, a domain, or an address: what tickets carry as their organization.
bool is_possible_organization(std::string_view name, const Ruleset& ruleset) {
  const auto is_name = [&](std::string_view known) { return equals_ignoring_case(known, name); };
  return name.find_first_of(".@") != name.npos ||
         std::ranges::any_of(ruleset.organizations, is_name, &Organization::name) ||
         std::ranges::any_of(ruleset.mail_rules, is_name, &MailRule::organization);
}

std::string pattern_obstacle(const OpenIncident& order, const Ruleset& ruleset) {
  const auto pattern = trim(order.pattern);
  switch (order.match) {
    case IncidentMatch::words:
      if (pattern.empty()) return "The words that new tickets are matched with are missing.";
      if (const auto wrong = pattern_error(order.pattern); !wrong.empty())
        return fmt::format("\"{}\" is no regular expression: {}", printable_line(order.pattern), printable_line(wrong));
      return {};
    case IncidentMatch::organization:
      if (is_possible_organization(pattern, ruleset)) return {};
      return fmt::format("There is no organization \"{}\": write a name of the configuration, a domain, or an address.",
                         printable_line(pattern));
    case IncidentMatch::by_hand:
    case IncidentMatch::all:
      return {};
  }
  return {};
}

}  // namespace

std::variant<Incident, Refusal> decide_open_incident(const OpenIncident& order, const Ruleset& ruleset, Time now) {
  Incident incident;
  incident.title = header_line(order.title);
  if (incident.title.empty()) return unusable("An incident needs a title: it stands on the status page and in mails.");
  if (auto why = pattern_obstacle(order, ruleset); !why.empty()) return unusable(std::move(why));
  incident.match = order.match;
  if (order.match == IncidentMatch::words) incident.pattern = order.pattern;
  if (order.match == IncidentMatch::organization) incident.pattern = trim(order.pattern);
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
