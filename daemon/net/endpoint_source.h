#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>

#include "daemon/config/settings.h"
#include "daemon/net/connection.h"

namespace ticketd {

/// Where to connect and with which secret; asked before each connection. May throw std::runtime_error.
using EndpointSource = std::function<boost::asio::awaitable<Endpoint>(const ServerSettings&)>;

}  // namespace ticketd
