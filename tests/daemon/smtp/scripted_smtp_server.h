#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace ticketd {

/// What the server does with one connection, a step a line:
///   HELLO EXT EXT…   greets, and answers libcurl's and our own EHLO with these extensions (`_` stands for a space)
///   C: text          the client must send this line (a `*` at the end: a line that begins so), ended by CRLF
///   S: text          sends this line
///   BODY             reads content up to the lone dot
///   READ n           reads n octets
///   QUIET            the client must not have sent anything further
///   JUNK n           sends n octets without a line end
///   CLOSE, RESET     ends the connection, by FIN or by RST
///   HANG             says nothing until the client is gone
///   STALL            reads nothing, either
/// After the last step QUIT is answered, should it come.
using SmtpScript = std::vector<std::string>;

/// A thread with blocking sockets that plays one script per connection, in order. What went otherwise is in `failure`.
class ScriptedSmtpServer {
 public:
  explicit ScriptedSmtpServer(std::vector<SmtpScript> scripts) : scripts_(std::move(scripts)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 16) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw std::runtime_error("no port for the scripted server");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~ScriptedSmtpServer() { join(); }
  ScriptedSmtpServer(const ScriptedSmtpServer&) = delete;
  ScriptedSmtpServer& operator=(const ScriptedSmtpServer&) = delete;

  [[nodiscard]] std::string url() const { return "smtp://127.0.0.1:" + std::to_string(port_); }
  /// Waits until all scripts are played (bounded by the steps' own limits).
  const std::string& join() {
    if (thread_.joinable()) thread_.join();
    if (listener_ >= 0) close(listener_);
    listener_ = -1;
    return failure_;
  }

 private:
  static constexpr int kPatience = 5'000;  // ms; only a failing test waits so long

  void run() {
    for (std::size_t i = 0; i < scripts_.size() && failure_.empty(); ++i) try {
        if (!readable(listener_)) throw std::runtime_error("nobody connects");
        connection_ = accept(listener_, nullptr, nullptr);
        unread_.clear();
        for (const auto& step : scripts_[i]) play(step);
        if (connection_ >= 0) say_good_bye();
        end_connection();
      } catch (const std::runtime_error& error) {
        failure_ = "connection " + std::to_string(i + 1) + ": " + error.what();
        end_connection();
      }
  }

  static bool readable(int fd, int patience = kPatience) {
    pollfd waiting{fd, POLLIN, 0};
    return poll(&waiting, 1, patience) == 1;
  }

  /// False at the end of the stream.
  bool read_more() {
    if (!readable(connection_)) throw std::runtime_error("the client is silent; unread: " + unread_);
    char buffer[65536];
    const auto octets = recv(connection_, buffer, sizeof buffer, 0);
    if (octets > 0) unread_.append(buffer, static_cast<std::size_t>(octets));
    return octets > 0;
  }

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

  void send_text(std::string_view text) { (void)send(connection_, text.data(), text.size(), MSG_NOSIGNAL); }

  void expect(std::string_view wanted) {
    const std::string line = read_line();
    const bool open = wanted.ends_with('*');
    const bool fits = open ? line.starts_with(wanted.substr(0, wanted.size() - 1)) : line == wanted;
    if (!fits) throw std::runtime_error("expected \"" + std::string(wanted) + "\", got \"" + line + "\"");
  }

  void greet(std::string_view extensions) {
    std::vector<std::string> lines{"localhost"};
    while (!extensions.empty()) {
      const auto end = std::min(extensions.find(' '), extensions.size());
      lines.emplace_back(extensions.substr(0, end));
      extensions.remove_prefix(std::min(end + 1, extensions.size()));
      for (char& c : lines.back()) c = c == '_' ? ' ' : c;
    }
    std::string answer;
    for (std::size_t i = 0; i < lines.size(); ++i)
      answer += (i + 1 < lines.size() ? "250-" : "250 ") + lines[i] + "\r\n";
    send_text("220 localhost ready\r\n");
    expect("EHLO *");
    send_text(answer);
    expect("EHLO *");
    send_text(answer);
  }

  void play(std::string_view step) {
    const auto rest = [&](std::size_t from) { return step.substr(std::min(from, step.size())); };
    if (step.starts_with("C: ")) return expect(rest(3));
    if (step.starts_with("S: ")) return send_text(std::string(rest(3)) + "\r\n");
    if (step.starts_with("HELLO")) return greet(rest(6));
    if (step.starts_with("JUNK ")) return send_text(std::string(std::stoul(std::string(rest(5))), 'x'));
    if (step.starts_with("READ ")) return read_octets(std::stoul(std::string(rest(5))));
    if (step == "C:") return expect("");
    if (step == "BODY") return read_body();
    if (step == "QUIET") return check_quiet();
    if (step == "HANG") return wait_for_end();
    if (step == "STALL") return wait_for_hang_up();
    if (step == "RESET") return reset_connection();
    if (step == "CLOSE") return end_connection();
    throw std::runtime_error("unknown step: " + std::string(step));
  }

  void read_body() {
    while (read_line() != ".") {
    }
  }
  void read_octets(std::size_t count) {
    while (unread_.size() < count)
      if (!read_more()) throw std::runtime_error("the client is gone");
    unread_.erase(0, count);
  }
  void check_quiet() {
    if (!unread_.empty() || readable(connection_, 0)) throw std::runtime_error("the client went on: " + unread_);
  }
  void wait_for_end() {
    while (read_more()) unread_.clear();
    unread_.clear();
  }
  void wait_for_hang_up() {
    pollfd waiting{connection_, POLLRDHUP, 0};
    if (poll(&waiting, 1, kPatience) != 1) throw std::runtime_error("the client does not hang up");
    end_connection();
  }
  void reset_connection() {
    const linger now{1, 0};
    setsockopt(connection_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    end_connection();
  }
  void end_connection() {
    if (connection_ >= 0) close(connection_);
    connection_ = -1;
  }
  void say_good_bye() {
    while (unread_.empty())
      if (!read_more()) return;
    expect("QUIT");
    send_text("221 bye\r\n");
  }

  std::vector<SmtpScript> scripts_;
  int listener_ = -1, connection_ = -1;
  unsigned port_ = 0;
  std::string unread_;
  std::string failure_;
  std::thread thread_;
};

}  // namespace ticketd
