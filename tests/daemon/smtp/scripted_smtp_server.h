#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <list>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
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
///   STALL            reads nothing, either; the next connection may come
///   SERVE            takes mails until QUIT
///   NOTE             tells the test that it has come so far
/// After the last step QUIT is answered, should it come.
using SmtpScript = std::vector<std::string>;

/// One connection, played with blocking calls.
class ScriptedConversation {
 public:
  ScriptedConversation(int connection, const std::function<void()>& note) : connection_(connection), note_(note) {}
  ~ScriptedConversation() {
    end_connection();
    if (abandoned_ >= 0) close(abandoned_);
  }
  ScriptedConversation(const ScriptedConversation&) = delete;
  ScriptedConversation& operator=(const ScriptedConversation&) = delete;

  /// Throws std::runtime_error when the client does something else.
  void play_all(const SmtpScript& script) {
    for (const auto& step : script) play(step);
    if (connection_ >= 0) say_good_bye();
    end_connection();
  }

  [[nodiscard]] const std::vector<std::string>& message_ids() const { return message_ids_; }

  static constexpr int kPatience = 5'000;  // ms; only a failing test waits so long
  static bool readable(int fd, int patience = kPatience) {
    pollfd waiting{fd, POLLIN, 0};
    return poll(&waiting, 1, patience) == 1;
  }

 private:
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
    if (step == "STALL") return abandon_connection();
    if (step == "RESET") return reset_connection();
    if (step == "SERVE") return serve();
    if (step == "NOTE") return note_();
    if (step == "CLOSE") return end_connection();
    throw std::runtime_error("unknown step: " + std::string(step));
  }

  void read_body() {
    for (std::string line = read_line(); line != "."; line = read_line())
      if (line.starts_with("Message-ID: ")) message_ids_.push_back(line.substr(12));
  }
  void serve() {
    for (std::string line = read_line(); line != "QUIT"; line = read_line()) {
      send_text(line == "DATA" ? "354 go\r\n" : "250 ok\r\n");
      if (line != "DATA") continue;
      read_body();
      send_text("250 taken\r\n");
    }
    send_text("221 bye\r\n");
    end_connection();
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
  void abandon_connection() { abandoned_ = std::exchange(connection_, -1); }
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

  int connection_, abandoned_ = -1;
  const std::function<void()>& note_;
  std::vector<std::string> message_ids_;
  std::string unread_;
};

/// Plays the scripts, one per connection in the order of their arrival, each in a thread of its own.
class ScriptedSmtpServer {
 public:
  explicit ScriptedSmtpServer(
      std::vector<SmtpScript> scripts, std::function<void()> note = [] {})
      : scripts_(std::move(scripts)), note_(std::move(note)) {
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
  /// Waits until all scripts are played (bounded by the steps' own limits). What went otherwise; empty: nothing.
  const std::string& join() {
    if (thread_.joinable()) thread_.join();
    if (listener_ >= 0) close(listener_);
    listener_ = -1;
    return failure_;
  }
  /// Of the mails whose content was read, after `join`, sorted.
  [[nodiscard]] std::vector<std::string> message_ids() const {
    std::vector<std::string> ids;
    for (const auto& conversation : conversations_)
      ids.insert(ids.end(), conversation.message_ids().begin(), conversation.message_ids().end());
    std::sort(ids.begin(), ids.end());
    return ids;
  }

 private:
  void run() {
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < scripts_.size(); ++i) {
      if (!ScriptedConversation::readable(listener_)) {
        fail(i, "nobody connects");
        break;
      }
      auto& conversation = conversations_.emplace_back(accept(listener_, nullptr, nullptr), note_);
      threads.emplace_back([this, i, &conversation] {
        try {
          conversation.play_all(scripts_[i]);
        } catch (const std::exception& error) {
          fail(i, error.what());
        }
      });
    }
    for (auto& thread : threads) thread.join();
  }
  void fail(std::size_t connection, const std::string& what) {
    const std::lock_guard lock(mutex_);
    failure_ += "connection " + std::to_string(connection + 1) + ": " + what + "\n";
  }

  std::vector<SmtpScript> scripts_;
  std::function<void()> note_;
  std::list<ScriptedConversation> conversations_;
  int listener_ = -1;
  unsigned port_ = 0;
  std::mutex mutex_;
  std::string failure_;
  std::thread thread_;
};

}  // namespace ticketd
