#pragma once

#include <string>

namespace ticketd {

/// The latest OAuth 2 refresh token (RFC 6749 §6) of a chain: a server may hand out a new one at each use, and then the
/// one before is worth nothing.
struct RefreshToken {
  std::string credential;  ///< whose it is
  std::string origin;      ///< digest of the token that the chain began with: another one begins another chain
  std::string token;       ///< a secret
};

}  // namespace ticketd
