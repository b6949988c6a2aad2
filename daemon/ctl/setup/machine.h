#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace ticketd {

/// What this machine says of itself, as suggestions.
struct Machine {
  std::string time_zone;  ///< an IANA name; "UTC" when it does not tell
  std::string login;      ///< who called (behind sudo: who called sudo); empty: root itself
  std::function<bool(const std::string& name)> has_user = {};  ///< unset: nobody knows
};
[[nodiscard]] Machine this_machine();

/// One of the names of UTC: what a server that nobody has told otherwise is set to, and hardly an office.
[[nodiscard]] bool is_utc(std::string_view time_zone);

/// How a shell finds the program `name` that belongs to this one, which stands beside it (as in a build's folder) or in
/// the "sbin" beside its folder (as in a package): its name where PATH leads to just that, else its path.
[[nodiscard]] std::string program_to_call(const std::string& name);

}  // namespace ticketd
