#pragma once

#include <string>

namespace ticketd {

/// What this machine says of itself, as suggestions.
struct Machine {
  std::string time_zone;  ///< an IANA name; "UTC" when it does not tell
  std::string login;      ///< who called (behind sudo: who called sudo); empty: root itself
};
[[nodiscard]] Machine this_machine();

/// systemd runs here (sd_booted(3)).
[[nodiscard]] bool has_systemd();

}  // namespace ticketd
