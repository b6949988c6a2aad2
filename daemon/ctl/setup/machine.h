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

}  // namespace ticketd
