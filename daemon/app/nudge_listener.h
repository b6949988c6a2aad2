#pragma once

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

 private:
  void listen();
  void receive();

  boost::asio::local::datagram_protocol::socket socket_;
  std::function<void()> on_nudge_;
  std::filesystem::path path_;
  char datagram_[16]{};
};

}  // namespace ticketd
