#include "tests/week/world.h"

#include <algorithm>

namespace ticketd::week {
namespace {

using std::chrono::year;

/// Night work reaches over the hour that comes twice, or not at all; so does the office on Sunday mornings.
World common() {
  World world;
  world.office = {{"12345", 9h, 17h + 30min}, {"7", 1h, 5h}};
  world.staff = {{"Ann Engineer", "ann", "ann@desk.example", "engineer", {{"12345", 8h, 18h}}},
                 {"Ben Nightly", "ben", "ben@desk.example", "engineer", {{"1234567", 17h + 30min, 8h + 30min}}},
                 {"Cleo Early", "cleo", "cleo@desk.example", "engineer", {{"67", 2h + 30min, 12h}}},
                 {"Dora Duty", "dora", "dora@desk.example", "duty", {{"12345", 9h, 17h}}},
                 {"Dan Duty", "dan", "dan@desk.example", "duty", {{"12345", 9h, 17h}}},
                 {"Max Director", "max", "max@desk.example", "director", {{"12345", 7h, 20h}}},
                 {"Mia Head", "mia", "mia@desk.example", "managing-director", {{"1234567", 6h, 2h}}}};
  world.staff[1].pager = "15550001@pager.example.net";
  world.staff[6].pager = "15550002@pager.example.net";
  world.organization_of_domain = {
      {"acme.example", "Acme"}, {"acme.test", "Acme"}, {"globex.example", "Globex"}, {"shout.example", "Shout"}};
  return world;
}

std::vector<WeeklyWindow> windows_of(const std::vector<Hours>& hours) {
  std::vector<WeeklyWindow> windows;
  for (const auto& each : hours)
    for (const char day : each.weekdays)
      windows.push_back({std::chrono::weekday{static_cast<unsigned>(day - '0') % 7}, each.start,
                         each.end > each.start ? each.end : each.end + 24h});
  return windows;
}

}  // namespace

World autumn_of_2026() {
  auto world = common();
  world.start = Time{std::chrono::sys_days{year{2026} / 10 / 19} - 2h};
  world.holidays = {year{2026} / 10 / 29};
  world.staff[1].away = {year{2026} / 10 / 21, year{2026} / 10 / 22};  // nobody is available at night
  world.staff[3].away = {year{2026} / 10 / 23};
  return world;
}

World spring_of_2026() {
  auto world = common();
  world.start = Time{std::chrono::sys_days{year{2026} / 3 / 23} - 1h};
  world.holidays = {year{2026} / 4 / 3, year{2026} / 4 / 6};
  world.staff[0].away = {year{2026} / 3 / 25};
  world.staff[3].away = {year{2026} / 3 / 26};  // with Dan all of duty staff
  world.staff[4].away = {year{2026} / 3 / 26};
  return world;
}

const Person* World::person(const std::string& name_or_address) const {
  for (const auto& each : staff)
    if (each.name == name_or_address || each.email == name_or_address) return &each;
  return nullptr;
}

std::string World::organization(const std::string& address) const {
  const auto domain = address.substr(address.find('@') + 1);
  const auto known = organization_of_domain.find(domain);
  if (known != organization_of_domain.end()) return known->second;
  return domain == free_mail ? address : domain;
}

bool World::is_gateway(const std::string& address) const { return address.ends_with(sms_domain) || address == voice; }

Ruleset ruleset_of(const World& world) {
  Ruleset ruleset;
  ruleset.support.address = kSupport;
  ruleset.support.name = "Example Support";
  ruleset.support.subject_tag = "SUP";
  ruleset.support.time_zone = world.zone;
  ruleset.office_hours = {windows_of(world.office), world.holidays};
  ruleset.urgent = {30min, Clock::always, {}, {"all calls fail"}, {}};
  ruleset.high = {2h, Clock::always, {}, {"a number fails"}, {}};
  ruleset.normal = {4h, Clock::office_hours, {}, {"provisioning"}, {}};
  for (const auto& person : world.staff) {
    StaffMember member{person.name, person.email, person.login, {person.role}, windows_of(person.available), {}, {}, {},
                       {}};
    for (const auto& day : person.away) member.away.emplace_back(day, day);
    if (!person.pager.empty()) member.page = {person.pager};
    ruleset.staff.push_back(std::move(member));
  }
  for (const auto& [domain, name] : world.organization_of_domain) {
    const auto known = std::ranges::find(ruleset.organizations, name, &Organization::name);
    if (known != ruleset.organizations.end())
      known->domains.push_back(domain);
    else
      ruleset.organizations.push_back({name, {domain}, {}, "en"});
  }
  ruleset.free_mail = {world.free_mail};
  ruleset.sms_senders = {"@" + world.sms_domain};
  ruleset.phone_senders = {world.voice};
  for (auto* limit : {&ruleset.acknowledgements_per_sender, &ruleset.acknowledgements_per_domain,
                      &ruleset.tickets_per_sender, &ruleset.acknowledgements, &ruleset.page_limit})
    limit->count = 1'000'000;  // floods have tests of their own
  ruleset.abuse_duration = world.downgrade;
  ruleset.reopen_within = world.reopen_within;
  return ruleset;
}

}  // namespace ticketd::week
