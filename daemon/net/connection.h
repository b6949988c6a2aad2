#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace ticketd {

/// Where and how to log in. libcurl does DNS, TCP, TLS or STARTTLS, the certificate check and SASL.
struct Endpoint {
  std::string url;   ///< imap:// imaps:// smtp:// smtps://, host, optional port
  std::string user;  ///< empty: no login (SMTP only)
  std::string password;
  std::string bearer;  ///< OAuth2 access token; wins over the password
  /// Another access token, where `bearer` may be one that the server takes no more: asked for once, when the login is
  /// refused. May throw std::runtime_error. Unset: there is none.
  std::function<boost::asio::awaitable<std::string>()> renew_bearer;
  bool tls_required = true;  ///< false only for loopback hosts (the configuration checks it)
  std::string ca_file;       ///< authorities beside the system's
  std::string client_certificate_file;
  std::string client_key_file;
  std::string proxy;
};

/// A connection that could not be made or broke. `Kind` says what to do about it, never guessed from the text.
class NetError : public std::runtime_error {
 public:
  enum class Kind {
    unreachable,  ///< DNS, TCP, a refused or lost connection: try again later
    timeout,      ///< the peer is silent: try again later
    tls,          ///< certificate or handshake: try again later, but a person should look
    login,        ///< credentials refused: a person should look
    protocol      ///< the peer speaks nonsense: reconnect
  };
  NetError(Kind kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}
  [[nodiscard]] Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

/// libcurl's multi handle on an io_context; one per process, outlives its connections. Runs on the io_context's thread.
class Network {
 public:
  explicit Network(boost::asio::io_context& io);
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;
  [[nodiscard]] boost::asio::io_context& io();

  struct Impl;
  [[nodiscard]] Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

/// One logged-in connection: a byte stream with deadlines. Only one read and one write may be under way at a time.
/// Every function throws NetError; after that only the destructor is of use. Destruction closes at once, without
/// good-byes.
class Connection {
 public:
  Connection(Network& network, Endpoint endpoint);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// DNS, TCP, TLS, login; `timeout` for all of it together.
  boost::asio::awaitable<void> open(std::chrono::milliseconds timeout);
  /// What the peer said while `open` ran, line by line (greeting, capabilities, refusals); for error texts, holds no
  /// secret.
  [[nodiscard]] const std::string& transcript() const;

  /// Reads what is there, at least one octet, at most `capacity`. 0 = the peer has closed. Throws timeout after
  /// `timeout` without a single octet. A read ended by `interrupt` returns kInterrupted, and has lost nothing.
  static constexpr std::size_t kInterrupted = static_cast<std::size_t>(-1);
  boost::asio::awaitable<std::size_t> read_some(char* buffer, std::size_t capacity, std::chrono::milliseconds timeout);
  /// Writes all of it. `octets` must live until the call is done. `timeout` between two pieces of progress.
  boost::asio::awaitable<void> write(std::string_view octets, std::chrono::milliseconds timeout);
  /// Octets of the latest write that were handed over, also where it failed.
  [[nodiscard]] std::size_t written() const;
  /// Ends a read that is waiting (or the next one that would wait), and an `open` that is under way (which then
  /// throws); for IDLE and shutdown.
  void interrupt();
  /// Whatever waits for the peer, reading or writing, throws NetError, now and from now on.
  void abandon();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ticketd
