#pragma once

#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>

#include "daemon/config/settings.h"
#include "daemon/net/http_call.h"

namespace ticketd {

/// No access token: what the token endpoint says, in words for a person. Holds no secret.
class TokenError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What the settings name, read from its files.
struct OAuth2Secrets {
  std::string client_secret;  ///< empty: the application has none
  std::string refresh_token;  ///< empty: the grant needs none
};

/// Throws std::runtime_error when one can't be read.
[[nodiscard]] OAuth2Secrets read_oauth2_secrets(const OAuth2Settings& settings);

/// RFC 6749 §4.4.2 (client credentials), §6 (refresh token); the client's secret goes in the body (§2.3.1).
[[nodiscard]] HttpRequest token_request(const ServerSettings& server, const OAuth2Secrets& secrets);

/// RFC 6749 §5.1 and §5.2.
struct TokenGrant {
  std::string access_token;
  std::string refresh_token;  ///< empty: the one that was used stays
  std::chrono::seconds lifetime{};
  std::string fault;  ///< why there is no access token; empty: there is. A refresh token counts all the same
};

/// `secrets` were sent, and an endpoint may repeat them: no fault holds one.
[[nodiscard]] TokenGrant read_token_answer(const HttpAnswer& answer, const OAuth2Secrets& secrets);

}  // namespace ticketd
