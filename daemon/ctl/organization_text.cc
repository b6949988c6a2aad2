#include "daemon/ctl/organization_text.h"

#include <fmt/format.h>
#include <boost/json/array.hpp>

#include "daemon/ctl/json.h"
#include "daemon/ctl/time_text.h"
#include "parsers/printable.h"
#include "rules/time_words.h"

namespace ticketd {
namespace {

namespace json = boost::json;

bool is_downgraded(const OrganizationCase& organization, Time now) {
  return organization.downgraded_until && *organization.downgraded_until > now;
}

json::array strings_json(const std::vector<std::string>& strings) {
  json::array array;
  for (const auto& each : strings) array.push_back(json::value(each));
  return array;
}

json::object strike_json(const Strike& strike) {
  json::value ticket = nullptr;
  if (strike.ticket) ticket = static_cast<std::int64_t>(*strike.ticket);
  return {{"at", iso8601(strike.at)}, {"ticket", std::move(ticket)}, {"reason", strike.reason}};
}

std::string standing_text(const OrganizationCase& organization, const Ruleset& ruleset, Time now) {
  return is_downgraded(organization, now)
             ? fmt::format("downgraded until {}", dated_local_time(*organization.downgraded_until, ruleset))
             : "good";
}

/// "2 of 3"
std::string strikes_text(const OrganizationCase& organization, const Ruleset& ruleset) {
  return fmt::format("{} of {}", organization.counting_strikes, ruleset.abuse_strikes);
}

std::string joined(const std::vector<std::string>& domains, const std::vector<std::string>& addresses) {
  const auto gap = domains.empty() || addresses.empty() ? "" : ", ";
  const auto all = fmt::format("{}{}{}", fmt::join(domains, ", "), gap, fmt::join(addresses, ", "));
  return all.empty() ? "-" : all;
}

std::string strikes_table(const OrganizationCase& organization, const Ruleset& ruleset, Time now,
                          const TextStyle& style) {
  if (organization.strikes.empty()) return {};
  TextTable table({"Strike", "Ticket", "Counts", "Reason"});
  for (const auto& strike : organization.strikes) {
    const bool counts = !strike.is_settled && strike.at >= now - ruleset.abuse_window && strike.at <= now;
    table.add({relative_time(strike.at, now), strike.ticket ? shown_number(*strike.ticket) : "-", counts ? "yes" : "no",
               strike.reason});
  }
  return "\n" + table.render(style);
}

std::string history_table(const OrganizationCase& organization, Time now, const TextStyle& style) {
  if (organization.events.empty()) return {};
  TextTable table({"Standing", "By", "Ticket", "What"});
  for (const auto& event : organization.events)
    table.add({relative_time(event.at, now), event.actor, event.ticket == TicketId{} ? "-" : shown_number(event.ticket),
               event.detail});
  return "\n" + table.render(style);
}

}  // namespace

json::object organization_json(const OrganizationCase& organization, Time now) {
  json::array strikes;
  for (const auto& strike : organization.strikes) strikes.push_back(strike_json(strike));
  json::array events;
  for (const auto& event : organization.events) events.push_back(event_json(event));
  json::value until = nullptr;
  if (is_downgraded(organization, now)) until = json::value(iso8601(*organization.downgraded_until));
  return {{"name", organization.configured.name},
          {"domains", strings_json(organization.configured.domains)},
          {"addresses", strings_json(organization.configured.addresses)},
          {"downgraded_until", std::move(until)},
          {"strikes", std::move(strikes)},
          {"events", std::move(events)}};
}

std::string present_organizations(std::span<const OrganizationCase> organizations, const Ruleset& ruleset, Time now,
                                  const TextStyle& style) {
  if (organizations.empty()) return "No organization is configured or has written.\n";
  TextTable table({"Organization", "Standing", "Strikes", "Domains and addresses"});
  for (const auto& each : organizations) {
    table.add({each.configured.name, standing_text(each, ruleset, now), strikes_text(each, ruleset),
               joined(each.configured.domains, each.configured.addresses)});
    if (is_downgraded(each, now)) table.mark_red();
  }
  return table.render(style);
}

std::string present_organization(const OrganizationCase& organization, const Ruleset& ruleset, Time now,
                                 const TextStyle& style) {
  const auto standing = standing_text(organization, ruleset, now);
  auto text = fmt::format("{}\nDomains and addresses: {}\nStanding: {}\nStrikes within {}: {}\n",
                          style.bold(printable_line(organization.configured.name)),
                          printable_line(joined(organization.configured.domains, organization.configured.addresses)),
                          is_downgraded(organization, now) ? style.red(standing) : standing,
                          humane_duration(ruleset.abuse_window), strikes_text(organization, ruleset));
  return text + strikes_table(organization, ruleset, now, style) + history_table(organization, now, style);
}

}  // namespace ticketd
