#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace ticketd {

/// A small HTTP/1.1 server (RFC 9112) for a few local readers: GET and HEAD, one request per connection, no bodies. On
/// the network's thread. Whoever is slow, silent or hostile costs a bounded piece of memory for a bounded time, and
/// makes room for whoever comes after him.
class HttpServer {
 public:
  struct Request {
    std::string path;    ///< as it came, up to the question mark
    std::string query;   ///< behind it
    std::string accept;  ///< field value
  };
  struct Response {
    unsigned status = 200;
    std::string type;  ///< Content-Type
    std::string body;
  };
  /// nullopt: there is no such page (404). What it throws becomes a 500.
  using Handler = std::function<boost::asio::awaitable<std::optional<Response>>(Request)>;
  struct Limits {
    std::size_t connections = 32;              ///< one more, and the oldest that keeps us waiting is closed
    std::size_t header_octets = 8192;          ///< of a request
    std::chrono::milliseconds request{5'000};  ///< for all of it to arrive
    std::chrono::milliseconds answer{10'000};  ///< for all of it to be taken
    std::chrono::milliseconds linger{1'000};   ///< for the client to close then
  };
  HttpServer(boost::asio::io_context& io, Handler handler) : HttpServer(io, std::move(handler), Limits()) {}
  HttpServer(boost::asio::io_context& io, Handler handler, const Limits& limits);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Listens at this ADDRESS:PORT (an IP address, or localhost) instead of where it did; empty: nowhere. Throws
  /// std::runtime_error when it can't, and then all is as before.
  void listen(const std::string& address);
  /// Until `stop`, and until the last connection has ended. To be awaited to its end before destruction.
  boost::asio::awaitable<void> run();
  void stop();

  /// Connections that were closed before a request had come, ever.
  [[nodiscard]] std::uint64_t cut() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ticketd
