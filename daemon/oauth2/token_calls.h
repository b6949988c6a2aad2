#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>

#include "daemon/net/http_call.h"
#include "daemon/oauth2/access_tokens.h"

namespace ticketd {

/// The network for AccessTokens: calls that can be ended, all of a kind at once.
class TokenCalls {
 public:
  explicit TokenCalls(Network& network) : network_(network) {}
  boost::asio::awaitable<HttpAnswer> call(HttpRequest request, AccessTokens::CallKind kind);
  void interrupt(AccessTokens::CallKind kind);
  /// It must not outlive this.
  [[nodiscard]] AccessTokens::World world();

 private:
  Network& network_;
  std::map<HttpCall*, AccessTokens::CallKind> under_way_;
};

}  // namespace ticketd
