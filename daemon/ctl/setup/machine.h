#pragma once

#include <functional>
#include <string>

namespace ticketd {

/// What this machine says of itself, as suggestions.
struct Machine {
  std::string time_zone;  ///< an IANA name; "UTC" when it does not tell
  std::string login;      ///< who called (behind sudo: who called sudo); empty: root itself
  std::function<bool(const std::string& name)> has_user = {};  ///< unset: nobody knows
};
[[nodiscard]] Machine this_machine();

/// How a shell finds the program `name` that belongs to this one: its name where PATH leads to it, else the one that
/// stands beside this program, as in a build's folder.
[[nodiscard]] std::string program_to_call(const std::string& name);

}  // namespace ticketd
