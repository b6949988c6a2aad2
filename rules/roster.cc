#include "rules/roster.h"

#include <algorithm>

#include "parsers/ascii.h"
#include "rules/calendar.h"
#include "rules/names.h"

namespace ticketd {
namespace {

constexpr auto kRoles = name_table<Role>({{Role::engineer, "engineer"},
                                          {Role::duty, "duty"},
                                          {Role::director, "director"},
                                          {Role::managing_director, "managing-director"}});

bool has_role(const StaffMember& member, Role role) {
  return std::ranges::find(member.roles, kRoles.name(role)) != member.roles.end();
}

}  // namespace

std::string_view name_of(Role role) { return kRoles.name(role); }

StaffList staff_with_role(Role role, const Ruleset& ruleset) {
  StaffList found;
  for (const auto& member : ruleset.staff)
    if (has_role(member, role)) found.push_back(&member);
  return found;
}

const StaffMember* find_staff_by_name(std::string_view name, const Ruleset& ruleset) {
  for (const auto& member : ruleset.staff)
    if (!name.empty() && equals_ignoring_case(member.name, name)) return &member;
  return nullptr;
}

bool is_taken(const Ticket& ticket, const Ruleset& ruleset) {
  return ticket.taken && find_staff_by_name(ticket.assignee, ruleset) != nullptr;
}

bool is_pager(std::string_view address, const Ruleset& ruleset) {
  return std::ranges::any_of(ruleset.staff, [&](const StaffMember& member) {
    return std::ranges::any_of(member.page, [&](const auto& pager) { return equals_ignoring_case(pager, address); });
  });
}

bool is_away(const StaffMember& member, Time at, const Ruleset& ruleset) {
  const std::chrono::sys_days day = local_day(at, ruleset);
  return std::ranges::any_of(member.away, [day](const auto& days) {
    return day >= std::chrono::sys_days{days.first} && day <= std::chrono::sys_days{days.second};
  });
}

bool is_available(const StaffMember& member, Time at, const Ruleset& ruleset) {
  return !is_away(member, at, ruleset) && in_windows(at, member.available, ruleset);
}

EngineersOnCall engineers_on_call(Time at, const Ruleset& ruleset) {
  auto all = staff_with_role(Role::engineer, ruleset);
  StaffList available;
  for (const auto* engineer : all)
    if (is_available(*engineer, at, ruleset)) available.push_back(engineer);
  if (!available.empty()) return {std::move(available), false};
  return {std::move(all), true};
}

}  // namespace ticketd
