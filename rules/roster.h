#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "parsers/time.h"
#include "rules/ruleset.h"
#include "rules/ticket.h"

namespace ticketd {

/// Staff of a ruleset, in the order of the configuration. The pointers live as long as the ruleset.
using StaffList = std::vector<const StaffMember*>;

enum class Role { engineer, duty, director, managing_director };
[[nodiscard]] std::string_view name_of(Role role);  ///< as it stands in the configuration

[[nodiscard]] StaffList staff_with_role(Role role, const Ruleset& ruleset);

/// The staff member whom a ticket names as its assignee; nullptr when nobody is called so (any more).
[[nodiscard]] const StaffMember* find_staff_by_name(std::string_view name, const Ruleset& ruleset);

/// Has its assignee, who is still on the staff, said himself that he has it? Whoever was only given it may not know.
[[nodiscard]] bool is_taken(const Ticket& ticket, const Ruleset& ruleset);

/// Is this an address that a member of the staff is paged at (StaffMember::page)? In any case.
[[nodiscard]] bool is_pager(std::string_view address, const Ruleset& ruleset);

/// Is that instant on one of the member's days off? They last from midnight to midnight in the desk's time zone, and so
/// cut a night shift as a holiday cuts office hours.
[[nodiscard]] bool is_away(const StaffMember& member, Time at, const Ruleset& ruleset);

/// Can the member be called at that instant (service-rules §5): within a weekly window, and not away? Without any
/// window: never.
[[nodiscard]] bool is_available(const StaffMember& member, Time at, const Ruleset& ruleset);

/// Whom of the engineers to call at an instant: those available; all of them when nobody is.
struct EngineersOnCall {
  StaffList engineers;            ///< empty only when no engineer is configured
  bool nobody_available = false;  ///< so `engineers` are all there are
};
[[nodiscard]] EngineersOnCall engineers_on_call(Time at, const Ruleset& ruleset);

}  // namespace ticketd
