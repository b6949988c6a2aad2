#include "daemon/app/nudge_listener.h"

#include <sys/stat.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <system_error>

#include "daemon/desk/nudge.h"

namespace ticketd {

using boost::asio::local::datagram_protocol;

namespace {

/// The inode of what stands at `path`; 0: nothing does.
ino_t file_at(const std::filesystem::path& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

}  // namespace

NudgeListener::NudgeListener(boost::asio::io_context& io, std::function<void()> on_nudge)
    : socket_(io), on_nudge_(std::move(on_nudge)), path_(nudge_socket_path()) {
  listen();
}

bool NudgeListener::is_listening() const { return socket_.is_open() && file_at(path_) == file_; }

void NudgeListener::keep_listening() {
  if (is_listening()) return;
  boost::system::error_code ignored;
  socket_.close(ignored);
  listen();
}

NudgeListener::~NudgeListener() {
  std::error_code ignored;
  if (socket_.is_open()) std::filesystem::remove(path_, ignored);
}

void NudgeListener::listen() {
  std::error_code ignored;
  if (!std::filesystem::is_directory(path_.parent_path(), ignored)) return;
  std::filesystem::remove(path_, ignored);
  boost::system::error_code error;
  socket_.open(datagram_protocol(), error);
  if (!error) socket_.bind(datagram_protocol::endpoint(path_.string()), error);
  if (error) {
    socket_.close(error);
    return;
  }
  ::chmod(path_.c_str(), 0660);
  file_ = file_at(path_);
  receive();
}

void NudgeListener::receive() {
  socket_.async_receive(boost::asio::buffer(datagram_), [this](const boost::system::error_code& error, std::size_t) {
    if (error == boost::asio::error::operation_aborted) return;
    boost::system::error_code ignored;
    if (error) socket_.close(ignored);
    if (error) return;  // the next look listens anew
    on_nudge_();
    receive();
  });
}

}  // namespace ticketd
