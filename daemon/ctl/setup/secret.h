#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/ctl/setup/interview.h"

namespace ticketd {

/// A password or the like, where it lies, and for whom it is. Setup never writes over a file that holds one.
struct Secret {
  std::string value;  ///< empty: there is none, or it can't be had
  std::string file;   ///< that holds it already, as the configuration calls it; empty: it was typed
  /// One that was stored: the hosts that it was stored for.
  std::vector<std::string> hosts = {};
  std::string obstacle = {};  ///< why what was stored can't be had

  [[nodiscard]] bool is_there() const { return !value.empty() || !file.empty(); }
  /// Only the daemon has it: a credential that the folder of setup does not hold.
  [[nodiscard]] bool is_elsewhere() const { return value.empty() && !file.empty(); }
};

/// Whether Enter may give it to the server of that URL: what was stored is for the hosts that it was stored for.
[[nodiscard]] bool may_go_to(const Secret& secret, std::string_view url);

/// What the configuration's setting of that name leads to, as the daemon would find it (read_secret).
[[nodiscard]] Secret stored_secret(const std::string& setting, const std::vector<std::string_view>& urls);

/// How a secret is suggested.
inline constexpr std::string_view kAsBefore = "the same as before";

struct SecretQuestion {
  std::string key, words;
  std::string when_none = {};  ///< why there may be none; empty: there must be one
  std::string_view shown = kAsBefore;
};
/// Suggests `usual`, and gives it back where the answer is the same: then it stays where it is. So does one that is
/// elsewhere where nothing is typed. "none" says that there is none, where that may be; so does Enter, but not in place
/// of one that can't be had.
[[nodiscard]] Secret ask_for_secret(Interview& interview, const SecretQuestion& question, const Secret& usual);

}  // namespace ticketd
