#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace ticketd {

// What scripted servers stand on: blocking sockets on 127.0.0.1. Failures are std::runtime_error.

/// Milliseconds; only a failing test waits so long.
inline constexpr int kLoopbackPatience = 5'000;

inline bool is_readable(int fd, int patience = kLoopbackPatience) {
  pollfd waiting{fd, POLLIN, 0};
  return poll(&waiting, 1, patience) == 1;
}

/// Listens on a port that the system chooses.
class LoopbackListener {
 public:
  LoopbackListener() {
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(fd_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(fd_, 16) != 0 ||
        getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw std::runtime_error("no port for the scripted server");
    port_ = ntohs(address.sin_port);
  }
  ~LoopbackListener() { close_it(); }
  LoopbackListener(const LoopbackListener&) = delete;
  LoopbackListener& operator=(const LoopbackListener&) = delete;

  /// "127.0.0.1:PORT"
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  /// The next connection; the caller closes it.
  [[nodiscard]] int accept_one() const {
    if (!is_readable(fd_)) throw std::runtime_error("nobody connects");
    return accept(fd_, nullptr, nullptr);
  }
  void close_it() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

 private:
  int fd_ = -1;
  unsigned port_ = 0;
};

/// A connection that is read line by line.
class LoopbackConnection {
 public:
  explicit LoopbackConnection(int fd = -1) : fd_(fd) {}
  ~LoopbackConnection() { end(); }
  LoopbackConnection(const LoopbackConnection&) = delete;
  LoopbackConnection& operator=(const LoopbackConnection&) = delete;

  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] const std::string& unread() const { return unread_; }

  /// Ends what was before.
  void begin(int fd) {
    end();
    fd_ = fd;
    unread_.clear();
  }
  void end() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }
  /// By RST instead of FIN.
  void reset() {
    const linger now{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    end();
  }
  /// The socket goes to the caller, open.
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }

  void send_text(std::string_view text) { (void)send(fd_, text.data(), text.size(), MSG_NOSIGNAL); }
  /// Without its CRLF, which is the only place for CR or LF.
  std::string read_line() {
    std::size_t end = 0;
    while ((end = unread_.find('\n')) == std::string::npos)
      if (!read_more()) throw std::runtime_error("the client is gone; unread: " + unread_);
    std::string line = unread_.substr(0, end);
    unread_.erase(0, end + 1);
    if (!line.ends_with('\r') || line.find('\r') != line.size() - 1) throw std::runtime_error("bare CR or LF: " + line);
    line.pop_back();
    return line;
  }
  void read_octets(std::size_t count) {
    while (unread_.size() < count)
      if (!read_more()) throw std::runtime_error("the client is gone");
    unread_.erase(0, count);
  }
  /// False when the client has ended the connection before it said anything further.
  bool wait_for_text() {
    while (unread_.empty())
      if (!read_more()) return false;
    return true;
  }
  void wait_for_end() {
    while (read_more()) unread_.clear();
    unread_.clear();
  }

 private:
  /// False at the end of the stream.
  bool read_more() {
    if (!is_readable(fd_)) throw std::runtime_error("the client is silent; unread: " + unread_);
    char buffer[65536];
    const auto octets = recv(fd_, buffer, sizeof buffer, 0);
    if (octets > 0) unread_.append(buffer, static_cast<std::size_t>(octets));
    return octets > 0;
  }

  int fd_;
  std::string unread_;
};

}  // namespace ticketd
