#pragma once

#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/datagram_protocol.hpp>
#include <filesystem>
#include <functional>

namespace ticketd {

/// Hears of changes that other processes made in the store. Without a runtime directory there is nothing to listen on:
/// changes are then found at the next timer.
class NudgeListener {
 public:
  NudgeListener(boost::asio::io_context& io, std::function<void()> on_nudge);
  ~NudgeListener();
  NudgeListener(const NudgeListener&) = delete;
  NudgeListener& operator=(const NudgeListener&) = delete;

  /// Listens anew where that has ended: somebody took the socket's file away, there was no directory, or an error came.
  void keep_listening();

 private:
  void listen();
  [[nodiscard]] bool is_listening() const;
  void receive();

  boost::asio::local::datagram_protocol::socket socket_;
  std::function<void()> on_nudge_;
  std::filesystem::path path_;
  ino_t file_ = 0;  ///< the socket's
  char datagram_[16]{};
};

}  // namespace ticketd
