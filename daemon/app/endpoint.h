#pragma once

#include "daemon/config/settings.h"
#include "daemon/net/connection.h"

namespace ticketd {

/// Where to connect, with the secret that the settings name. Throws std::runtime_error when it can't be read.
[[nodiscard]] Endpoint make_endpoint(const ServerSettings& server);

}  // namespace ticketd
