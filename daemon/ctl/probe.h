#pragma once

#include <functional>
#include <string>
#include <vector>

#include "daemon/config/settings.h"
#include "daemon/net/connection.h"
#include "store/store.h"

namespace ticketd {

/// What came of logging in to one server of the configuration.
struct Probe {
  std::string name;   ///< a mailbox's, or "smtp", "smtp fallback 1", …
  std::string error;  ///< empty: it let us in
};

/// Logs in to every mailbox, and opens its folder without changing anything; and to every mail server. Sends nothing.
/// All at once, each with the time limits of the daemon. `store` is opened where an OAuth 2 refresh token is used: a
/// new one has to be kept there.
[[nodiscard]] std::vector<Probe> probe_servers(const Settings& settings, std::function<Store&()> store);

/// How to log in to one of these servers, with an access token where it wants one. Throws what hinders it, a
/// CommandFailure where that is the store.
[[nodiscard]] Endpoint login_of(const Settings& settings, const ServerSettings& server, std::function<Store&()> store);

}  // namespace ticketd
