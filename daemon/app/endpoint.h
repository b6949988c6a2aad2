#pragma once

#include <stdexcept>

#include "daemon/config/settings.h"
#include "daemon/net/connection.h"

namespace ticketd {

/// A secret that the configuration names can't be used.
class SecretError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Where to connect, with the secret that the settings name. Throws SecretError when it can't be read.
[[nodiscard]] Endpoint make_endpoint(const ServerSettings& server);

}  // namespace ticketd
