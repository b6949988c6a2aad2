// The standing of organizations (service-rules §4).
#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include <algorithm>

#include "daemon/ctl/commands.h"
#include "daemon/ctl/organization_text.h"
#include "daemon/desk/nudge.h"
#include "parsers/printable.h"
#include "rules/organization_names.h"

namespace ticketd {
namespace {

/// The configured ones, and those that the store has something of, by name.
std::vector<std::string> all_names(CtlSession& session) {
  auto names = session.store().organizations();
  for (const auto& each : session.settings().ruleset.organizations) names.push_back(each.name);
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  return names;
}

/// By its name, a domain or an address of it.
std::string name_or_fail(CtlSession& session, const std::string& words) {
  if (auto name = organization_meant(words, all_names(session), session.settings().ruleset)) return *name;
  throw CommandFailure(kExitNoInput, fmt::format("there is no organization '{}'; all there are: ticketctl organization "
                                                 "list",
                                                 printable_line(words)));
}

OrganizationCase load_case(CtlSession& session, const std::string& name) {
  const auto& ruleset = session.settings().ruleset;
  OrganizationCase organization;
  organization.configured.name = name;
  const auto configured = std::ranges::find(ruleset.organizations, name, &Organization::name);
  if (configured != ruleset.organizations.end()) organization.configured = *configured;
  const auto record = session.store().organization_record(name, session.now() - ruleset.abuse_window, session.now());
  organization.downgraded_until = record.downgraded_until;
  organization.counting_strikes = record.strikes;
  organization.strikes = session.store().strikes(name);
  organization.events = session.store().organization_events(name);
  return organization;
}

std::string case_text(CtlSession& session, const std::string& name) {
  const auto organization = load_case(session, name);
  return session.json()
             ? boost::json::serialize(organization_json(organization, session.now())) + "\n"
             : present_organization(organization, session.settings().ruleset, session.now(), session.style());
}

}  // namespace

void list_organizations(CtlSession& session) {
  std::vector<OrganizationCase> all;
  for (const auto& name : all_names(session)) all.push_back(load_case(session, name));
  if (!session.json())
    return print(present_organizations(all, session.settings().ruleset, session.now(), session.style()));
  boost::json::array array;
  for (const auto& each : all) array.push_back(organization_json(each, session.now()));
  print(boost::json::serialize(array) + "\n");
}

void show_organization(CtlSession& session, const std::string& words) {
  print(case_text(session, name_or_fail(session, words)));
}

void change_organization(CtlSession& session, const std::string& words, OrganizationCommand wanted) {
  const auto name = name_or_fail(session, words);
  if (const auto refusal = session.desk().change_standing(name, wanted, session.actor()))
    throw CommandFailure(kExitDataError, refusal->reason);
  nudge_daemon();
  print_done([&] { return case_text(session, name); });
}

}  // namespace ticketd
