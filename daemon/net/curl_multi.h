#pragma once

#include <curl/curl.h>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <optional>

namespace ticketd {

/// curl_multi_socket_action driven by Asio: curl says which sockets and which time-out it waits for, we wait. Only for
/// files of this folder. Held by a shared_ptr, so that a handler that is still queued when it goes knows that it has
/// gone.
class CurlMulti : public std::enable_shared_from_this<CurlMulti> {
 public:
  explicit CurlMulti(boost::asio::io_context& io);
  ~CurlMulti();
  CurlMulti(const CurlMulti&) = delete;
  CurlMulti& operator=(const CurlMulti&) = delete;

  /// One transfer that a coroutine awaits. It must outlive `run`.
  struct Transfer {
    explicit Transfer(boost::asio::io_context& io) : wake(io, boost::asio::steady_timer::time_point::max()) {}
    boost::asio::steady_timer wake;
    std::optional<CURLcode> result;
  };

  [[nodiscard]] boost::asio::io_context& io() { return io_; }
  /// Adds `easy` and suspends until it is done, or until someone else sets `result` and cancels `wake`. The handle
  /// stays in the multi (a connect-only connection lives there): the caller removes it.
  boost::asio::awaitable<CURLcode> run(CURL* easy, Transfer& transfer);
  void remove(CURL* easy);

 private:
  struct Socket {
    Socket(boost::asio::io_context& io, curl_socket_t fd) : descriptor(io, fd) {}
    boost::asio::posix::stream_descriptor descriptor;
    int wanted = 0;
    int pending = 0;
    bool gone = false;
  };

  static int on_socket(CURL* easy, curl_socket_t fd, int what, void* self, void* socket);
  static int on_timer(CURLM* multi, long milliseconds, void* self);
  void forget(curl_socket_t fd);
  void arm(curl_socket_t fd, const std::shared_ptr<Socket>& socket);
  void wait(curl_socket_t fd, const std::shared_ptr<Socket>& socket, int event);
  void act(curl_socket_t fd, int events);
  void deliver_results();

  boost::asio::io_context& io_;
  boost::asio::steady_timer timer_;
  std::map<curl_socket_t, std::shared_ptr<Socket>> sockets_;
  CURLM* multi_;
};

}  // namespace ticketd
