#pragma once

#include <string>
#include <string_view>

#include "daemon/config/settings.h"

namespace ticketd {

// Under what the store has OAuth 2 tokens. Persistent: do not change. For servers with `oauth2`.

/// Whose refresh tokens: a digest of token URL and client id. The user is no part of it, for the endpoint does not hear
/// of him: all who began with one token share what is handed out for it.
[[nodiscard]] std::string credential_name(const ServerSettings& server);
/// A digest of all that an access token is asked for with: servers for which it is the same share one, whoever their
/// user is.
[[nodiscard]] std::string token_login(const ServerSettings& server);
/// Tells a token from others without giving it away.
[[nodiscard]] std::string token_digest(std::string_view token);

}  // namespace ticketd
