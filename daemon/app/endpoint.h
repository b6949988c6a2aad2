#pragma once

#include <boost/asio/awaitable.hpp>
#include <stdexcept>

#include "daemon/config/settings.h"
#include "daemon/net/connection.h"
#include "daemon/oauth2/access_tokens.h"

namespace ticketd {

/// A secret that the configuration names can't be used.
class SecretError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws SecretError when a secret that the settings name can't be read.
void require_secrets(const ServerSettings& server);

/// Where to connect, with the password that the settings name, or with an access token. Throws SecretError, and what
/// AccessTokens throws; `tokens` must outlive the result.
boost::asio::awaitable<Endpoint> make_endpoint(AccessTokens& tokens, ServerSettings server);

}  // namespace ticketd
