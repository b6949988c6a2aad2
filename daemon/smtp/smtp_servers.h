#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "daemon/config/settings.h"
#include "daemon/net/endpoint_source.h"
#include "daemon/smtp/smtp_session.h"

namespace ticketd {

/// The main mail server and its fallbacks. One that failed is passed over for a while, as long as another is left.
class SmtpServers {
 public:
  SmtpServers(Network& network, std::vector<ServerSettings> servers, EndpointSource endpoints, SmtpTimeouts timeouts);

  /// Fills `session` with the first one in order that takes the connection. It is set while the connection is made, so
  /// that it can be interrupted; no further server is tried once `give_up` is true. Returns what went wrong with each
  /// server; empty when `session` is open.
  boost::asio::awaitable<std::string> open(std::unique_ptr<SmtpSession>& session, const bool& give_up);

  /// That one takes connections and serves nobody. False when no other is left to be tried before it.
  bool pass_over(const std::string& server_name);
  void use(std::vector<ServerSettings> servers);
  /// The main one's URL, for the log.
  [[nodiscard]] std::string name() const;

 private:
  struct Server {
    ServerSettings settings;
    std::chrono::steady_clock::time_point avoid_until{};
  };
  [[nodiscard]] std::vector<ServerSettings> in_order() const;
  void avoid(const std::string& url);
  boost::asio::awaitable<std::string> try_open(const ServerSettings& settings, std::unique_ptr<SmtpSession>& session);

  Network& network_;
  std::vector<Server> servers_;
  EndpointSource endpoints_;
  SmtpTimeouts timeouts_;
};

}  // namespace ticketd
