#pragma once

#include <boost/asio/awaitable.hpp>

#include "daemon/config/settings.h"
#include "daemon/net/connection.h"
#include "parsers/time.h"

namespace ticketd {

// What the conversations take from the world around them.

/// 0 to below 1.
[[nodiscard]] double random_fraction();
/// The wall clock.
[[nodiscard]] Time system_now();
/// As `make_endpoint`, for whoever may have to wait for it.
boost::asio::awaitable<Endpoint> endpoint_of(const ServerSettings& server);

}  // namespace ticketd
