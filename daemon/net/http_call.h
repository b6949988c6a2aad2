#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "daemon/net/connection.h"

namespace ticketd {

struct HttpRequest {
  std::string url;                  ///< http:// or https://; may hold a secret, and stands in no error
  std::vector<std::string> header;  ///< "Name: value"
  std::string body;
  std::chrono::milliseconds timeout{30'000};  ///< for all of it together
  std::string ca_file;                        ///< authorities beside the system's
  std::string proxy;                          ///< empty: none
  std::size_t body_limit =
      0;  ///< the answer's body is wanted whole, and one of more octets is a NetError; 0: it is not
};

struct HttpAnswer {
  int status = 0;    ///< RFC 9110 §15
  std::string text;  ///< how the body begins, one printable line
  std::string body;  ///< all of it, where it was wanted
};

/// "https://hooks.example.com": who is called, without what may be a secret.
[[nodiscard]] std::string origin_of(const std::string& url);

/// One POST. Redirections are answers like others: nobody is called who was not named.
class HttpCall {
 public:
  HttpCall(Network& network, HttpRequest request);
  ~HttpCall();
  HttpCall(const HttpCall&) = delete;
  HttpCall& operator=(const HttpCall&) = delete;

  /// Throws NetError: no answer came. What was asked for may have been done all the same.
  boost::asio::awaitable<HttpAnswer> run();
  /// `run` throws soon.
  void interrupt();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ticketd
