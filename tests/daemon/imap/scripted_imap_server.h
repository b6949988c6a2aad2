#pragma once

#include <fnmatch.h>

#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/daemon/loopback_socket.h"

namespace ticketd {

/// What the server does with one connection, a step a line; `#` begins a comment:
///   LOGIN CAP CAP…          greets, lets libcurl log in, and answers our own first CAPABILITY (tag t1)
///   C: glob                 the client must send such a line
///   S: text                 sends this line
///   MAIL seq uid subject    sends a FETCH response with a whole mail of 2024
///   FILL n                  sends n octets of the letter x
///   FLOOD text              sends this line again and again until the client is gone
///   HANG                    says nothing until the client is gone
///   CLOSE                   ends the connection
/// After the last step LOGOUT is answered, should it come.
using ImapScript = std::vector<std::string>;

/// The scripts of a dialogue file: `CONNECTION` begins the next one.
inline std::vector<ImapScript> read_imap_dialogue(const std::string& name) {
  std::ifstream in(std::string(TESTS_DIR "/daemon/dialogues/") + name + ".txt");
  if (!in) throw std::runtime_error("no dialogue " + name);
  std::vector<ImapScript> scripts(1);
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    if (line == "CONNECTION")
      scripts.emplace_back();
    else
      scripts.back().push_back(line);
  }
  return scripts;
}

/// A thread with blocking sockets that plays one script per connection, in order. What went otherwise is in `join()`.
class ScriptedImapServer {
 public:
  explicit ScriptedImapServer(std::vector<ImapScript> scripts) : scripts_(std::move(scripts)) {
    thread_ = std::thread([this] { run(); });
  }
  ~ScriptedImapServer() { join(); }
  ScriptedImapServer(const ScriptedImapServer&) = delete;
  ScriptedImapServer& operator=(const ScriptedImapServer&) = delete;

  [[nodiscard]] std::string url() const { return "imap://" + listener_.address(); }
  /// Waits until all scripts are played; empty when all went as written.
  const std::string& join() {
    if (thread_.joinable()) thread_.join();
    listener_.close_it();
    return failure_;
  }

 private:
  void run() {
    for (std::size_t i = 0; i < scripts_.size() && failure_.empty(); ++i) try {
        connection_.begin(listener_.accept_one());
        // libcurl's tags begin with a letter of the connection's own: A001, then B001.
        for (const auto& step : scripts_[i]) play(with_letter(step, static_cast<char>('A' + i)));
        if (connection_.is_open()) say_good_bye();
        connection_.end();
      } catch (const std::exception& error) {
        failure_ = "connection " + std::to_string(i + 1) + ": " + error.what();
        connection_.end();
      }
  }

  void play(std::string_view step) {
    if (step.size() > 6 && step.substr(1).starts_with("LOGIN ")) return log_in(step.substr(7), step.substr(0, 1));
    if (step.starts_with("C: ")) return expect(std::string(step.substr(3)));
    if (step.starts_with("S: ")) return connection_.send_text(std::string(step.substr(3)) + "\r\n");
    if (step.starts_with("MAIL ")) return send_mail(step.substr(5));
    if (step.starts_with("FILL "))
      return connection_.send_text(std::string(std::stoul(std::string(step.substr(5))), 'x'));
    if (step.starts_with("FLOOD ")) return flood(std::string(step.substr(6)) + "\r\n");
    if (step == "HANG") return connection_.wait_for_end();
    if (step == "CLOSE") return connection_.end();
    throw std::runtime_error("unknown step: " + std::string(step));
  }

  static std::string with_letter(std::string step, char letter) {
    if (step.starts_with("LOGIN ")) return letter + step;
    for (auto at = step.find("A00"); at != std::string::npos; at = step.find("A00", at + 3)) step[at] = letter;
    return step;
  }

  void log_in(std::string_view capabilities, std::string_view letter) {
    const std::string tag(letter);
    const std::string list = "* CAPABILITY IMAP4rev1 AUTH=PLAIN " + std::string(capabilities) + "\r\n";
    connection_.send_text("* OK hello\r\n");
    expect(tag + "001 CAPABILITY");
    connection_.send_text(list + tag + "001 OK\r\n");
    expect(tag + "002 AUTHENTICATE PLAIN");
    connection_.send_text("+ \r\n");
    expect("*");
    connection_.send_text(tag + "002 OK\r\n");
    expect("t1 CAPABILITY");
    connection_.send_text(list + "t1 OK\r\n");
  }

  void send_mail(std::string_view words) {
    const auto first = words.find(' '), second = words.find(' ', first + 1);
    const std::string subject(words.substr(second + 1)), uid(words.substr(first + 1, second - first - 1));
    const std::string mail =
        "From: Carl Customer <carl@customer.example>\r\nTo: support@desk.example\r\nSubject: " + subject +
        "\r\nMessage-ID: <" + uid + "." + std::to_string(subject.size()) +
        "@customer.example>\r\nDate: Wed, 17 Jul 2024 02:44:25 +0000\r\n\r\nHello, " + subject + "\r\n";
    const std::string size = std::to_string(mail.size());
    connection_.send_text("* " + std::string(words.substr(0, first)) + " FETCH (UID " + uid +
                          " INTERNALDATE \"17-Jul-2024 02:44:25 +0000\" RFC822.SIZE " + size + " BODY[] {" + size +
                          "}\r\n" + mail + ")\r\n");
  }

  void flood(const std::string& line) {
    std::string many;
    while (many.size() < 64 * 1024) many += line;
    while (send(connection_.fd(), many.data(), many.size(), MSG_NOSIGNAL) > 0) {
    }
    connection_.end();
  }

  void expect(const std::string& glob) {
    const std::string line = connection_.read_line();
    if (fnmatch(glob.c_str(), line.c_str(), FNM_NOESCAPE) != 0)
      throw std::runtime_error("expected \"" + glob + "\", got \"" + line + "\"");
  }

  void say_good_bye() {
    if (!connection_.wait_for_text()) return;
    const std::string line = connection_.read_line();
    if (!line.ends_with(" LOGOUT")) throw std::runtime_error("expected LOGOUT, got \"" + line + "\"");
    connection_.send_text("* BYE\r\n" + line.substr(0, line.find(' ')) + " OK\r\n");
  }

  std::vector<ImapScript> scripts_;
  LoopbackListener listener_;
  LoopbackConnection connection_;
  std::string failure_;
  std::thread thread_;
};

}  // namespace ticketd
