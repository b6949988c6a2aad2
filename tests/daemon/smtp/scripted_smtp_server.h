#pragma once

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

#include "tests/daemon/loopback_socket.h"

namespace ticketd {

/// What the server does with one connection, a step a line:
///   HELLO EXT EXT…   greets, and answers libcurl's and our own EHLO with these extensions (`_` stands for a space)
///   C: text          the client must send this line (a `*` at the end: a line that begins so), ended by CRLF
///   S: text          sends this line
///   BODY             reads content up to the lone dot
///   READ n           reads n octets
///   QUIET            the client must not have sent anything further
///   MORE             what follows must have come in one piece with what was read last
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
    if (abandoned_ >= 0) close(abandoned_);
  }
  ScriptedConversation(const ScriptedConversation&) = delete;
  ScriptedConversation& operator=(const ScriptedConversation&) = delete;

  /// Throws std::runtime_error when the client does something else.
  void play_all(const SmtpScript& script) {
    for (const auto& step : script) play(step);
    if (connection_.is_open()) say_good_bye();
    connection_.end();
  }

  [[nodiscard]] const std::vector<std::string>& message_ids() const { return message_ids_; }

 private:
  void expect(std::string_view wanted) {
    const std::string line = connection_.read_line();
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
    connection_.send_text("220 localhost ready\r\n");
    expect("EHLO *");
    connection_.send_text(answer);
    expect("EHLO *");
    connection_.send_text(answer);
  }

  void play(std::string_view step) {
    const auto rest = [&](std::size_t from) { return step.substr(std::min(from, step.size())); };
    if (step.starts_with("C: ")) return expect(rest(3));
    if (step.starts_with("S: ")) return connection_.send_text(std::string(rest(3)) + "\r\n");
    if (step.starts_with("HELLO")) return greet(rest(6));
    if (step.starts_with("JUNK ")) return connection_.send_text(std::string(std::stoul(std::string(rest(5))), 'x'));
    if (step.starts_with("READ ")) return connection_.read_octets(std::stoul(std::string(rest(5))));
    if (step == "C:") return expect("");
    if (step == "BODY") return read_body();
    if (step == "QUIET") return check_quiet();
    if (step == "MORE") return check_more();
    if (step == "HANG") return connection_.wait_for_end();
    if (step == "STALL") return abandon_connection();
    if (step == "RESET") return connection_.reset();
    if (step == "SERVE") return serve();
    if (step == "NOTE") return note_();
    if (step == "CLOSE") return connection_.end();
    throw std::runtime_error("unknown step: " + std::string(step));
  }

  void read_body() {
    for (std::string line = connection_.read_line(); line != "."; line = connection_.read_line())
      if (line.starts_with("Message-ID: ")) message_ids_.push_back(line.substr(12));
  }
  void serve() {
    for (std::string line = connection_.read_line(); line != "QUIT"; line = connection_.read_line()) {
      connection_.send_text(line == "DATA" ? "354 go\r\n" : "250 ok\r\n");
      if (line != "DATA") continue;
      read_body();
      connection_.send_text("250 taken\r\n");
    }
    connection_.send_text("221 bye\r\n");
    connection_.end();
  }
  void check_quiet() {
    if (!connection_.unread().empty() || is_readable(connection_.fd(), 0))
      throw std::runtime_error("the client went on: " + connection_.unread());
  }
  void check_more() {
    if (connection_.unread().empty()) throw std::runtime_error("what follows did not come in the same piece");
  }
  void abandon_connection() { abandoned_ = connection_.release(); }
  void say_good_bye() {
    if (!connection_.wait_for_text()) return;
    expect("QUIT");
    connection_.send_text("221 bye\r\n");
  }

  LoopbackConnection connection_;
  int abandoned_ = -1;
  const std::function<void()>& note_;
  std::vector<std::string> message_ids_;
};

/// Plays the scripts, one per connection in the order of their arrival, each in a thread of its own.
class ScriptedSmtpServer {
 public:
  explicit ScriptedSmtpServer(
      std::vector<SmtpScript> scripts, std::function<void()> note = [] {})
      : scripts_(std::move(scripts)), note_(std::move(note)) {
    thread_ = std::thread([this] { run(); });
  }
  ~ScriptedSmtpServer() { join(); }
  ScriptedSmtpServer(const ScriptedSmtpServer&) = delete;
  ScriptedSmtpServer& operator=(const ScriptedSmtpServer&) = delete;

  [[nodiscard]] std::string url() const { return "smtp://" + listener_.address(); }
  /// Waits until all scripts are played (bounded by the steps' own limits). What went otherwise; empty: nothing.
  const std::string& join() {
    if (thread_.joinable()) thread_.join();
    listener_.close_it();
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
      int connection = -1;
      try {
        connection = listener_.accept_one();
      } catch (const std::exception& error) {
        fail(i, error.what());
        break;
      }
      auto& conversation = conversations_.emplace_back(connection, note_);
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
  LoopbackListener listener_;
  std::mutex mutex_;
  std::string failure_;
  std::thread thread_;
};

}  // namespace ticketd
