#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/config/settings.h"
#include "daemon/desk/worker.h"
#include "daemon/metrics/event_counts.h"
#include "daemon/metrics/http_server.h"
#include "daemon/metrics/page.h"

namespace ticketd {

/// What a monitoring system sees: counts events from its construction on, and answers /metrics and /health where
/// [metrics] listen says. The store is read by the worker, once a second at most however many ask, and nothing is done
/// while nobody asks. On the network's thread.
class Monitor {
 public:
  /// Tells how the access tokens are; may be empty. Called on the network's thread.
  using TokenSource = std::function<std::vector<TokenHealth>()>;
  Monitor(boost::asio::io_context& io, Worker& worker, const Settings& settings, TokenSource tokens);
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;

  /// Takes over these settings, and listens where they say. Throws std::runtime_error when it can't; then all is as
  /// before.
  void use(const Settings& settings);
  /// Until `stop`. To be awaited to its end before destruction.
  boost::asio::awaitable<void> run() { return server_.run(); }
  void stop();

 private:
  using SnapshotPointer = std::shared_ptr<const Snapshot>;
  /// The latest look at the store, and who waits for the next one.
  struct Look;

  boost::asio::awaitable<std::optional<HttpServer::Response>> respond(HttpServer::Request request);
  boost::asio::awaitable<HttpServer::Response> health(HttpServer::Request request);
  boost::asio::awaitable<HttpServer::Response> metrics();
  boost::asio::awaitable<SnapshotPointer> snapshot();
  void look();

  boost::asio::io_context& io_;
  Worker& worker_;
  std::shared_ptr<const Settings> settings_;
  TokenSource tokens_;
  Time started_at_;
  EventCounts events_;
  log::Observation observation_{events_};
  std::shared_ptr<Look> look_;
  HttpServer server_;
};

}  // namespace ticketd
