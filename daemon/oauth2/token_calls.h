#pragma once

#include <boost/asio/awaitable.hpp>
#include <set>

#include "daemon/net/http_call.h"
#include "daemon/oauth2/access_tokens.h"

namespace ticketd {

/// The network for AccessTokens: calls that can be ended all at once.
class TokenCalls {
 public:
  explicit TokenCalls(Network& network) : network_(network) {}
  boost::asio::awaitable<HttpAnswer> call(HttpRequest request);
  void interrupt();
  /// It must not outlive this.
  [[nodiscard]] AccessTokens::World world();

 private:
  Network& network_;
  std::set<HttpCall*> under_way_;
};

}  // namespace ticketd
