#pragma once

#include <algorithm>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "tests/daemon/smtp/outbox_rig.h"
#include "tests/daemon/smtp/smtp_dialogue.h"

namespace ticketd {

using namespace std::chrono_literals;

/// Nothing listens there.
inline constexpr const char* kDead = "smtp://127.0.0.1:1";

inline std::vector<OutgoingMail> mails(std::size_t count) {
  std::vector<OutgoingMail> result;
  for (std::size_t i = 1; i <= count; ++i) {
    std::istringstream words("desk@x.example a@x.example");
    result.push_back(mail_for(words, i));
  }
  return result;
}

/// Takes `count` mails, one after the other.
inline SmtpScript taking(std::size_t count) {
  SmtpScript script{"HELLO PIPELINING"};
  for (std::size_t i = 0; i < count; ++i)
    for (const char* step : {"C: MAIL FROM:<desk@x.example>", "C: RCPT TO:<a@x.example>", "C: DATA", "S: 250 ok",
                             "S: 250 ok", "S: 354 go", "BODY", "S: 250 ok"})
      script.emplace_back(step);
  return script;
}

/// Takes `count` mails, and says nothing to the next one's content.
inline SmtpScript hanging_after(std::size_t count) {
  SmtpScript script = taking(count + 1);
  script.back() = "HANG";
  return script;
}

/// Takes a mail, and then stays there.
inline SmtpScript taking_one_and_waiting() {
  SmtpScript script = taking(1);
  script.emplace_back("HANG");
  return script;
}

inline std::size_t count(const std::vector<OutboxRow>& rows, OutboxState state) {
  return static_cast<std::size_t>(
      std::count_if(rows.begin(), rows.end(), [state](const OutboxRow& row) { return row.state == state; }));
}

inline OutboxSender::Options one_connection() {
  OutboxSender::Options options;
  options.max_connections = 1;
  return options;
}

/// Holds on to its connection.
inline OutboxSender::Options patient() {
  OutboxSender::Options options = one_connection();
  options.idle = std::chrono::seconds{60};
  return options;
}

/// Thinks of a server that is silent for `stall` that it hangs, and leaves it at once at the end.
inline OutboxSender::Options hurried(std::chrono::milliseconds stall, std::size_t batch) {
  OutboxSender::Options options = patient();
  options.stall = stall;
  options.stop_grace = 1ms;
  options.batch = batch;
  return options;
}

inline void file_second_mail(const std::filesystem::path& path, OutboxKind kind = OutboxKind::answer) {
  Store store(path);
  Decision decision = make_decision(2, "second@customer");
  decision.outgoing = mails(1);
  decision.outgoing[0].kind = kind;
  decision.outgoing[0].message_id = "second@desk.example";
  file(store, decision);
}

/// Of another ticket than the first one, and not of one.
inline void file_two_mails(const std::filesystem::path& path) {
  Store store(path);
  Decision decision = make_decision(2, "second@customer");
  decision.outgoing = mails(2);
  for (auto& mail : decision.outgoing) {
    mail.ticket.reset();
    mail.message_id = "of-two-" + mail.message_id;
  }
  file(store, decision);
}

/// Lets `run` work until `is_done`, which is looked at again and again.
inline void run_until(OutboxRig& rig, OutboxSender& sender, const std::function<bool()>& is_done) {
  boost::asio::steady_timer look(rig.io());
  std::function<void()> watch = [&] {
    if (is_done()) return sender.stop();
    look.expires_after(1ms);
    look.async_wait([&](auto error) {
      if (!error) watch();
    });
  };
  boost::asio::post(rig.io(), watch);
  rig.run(sender.run());
}

/// Lets `run` send the mail that is there, then another one; in between happens what the test is about.
inline void send_two(OutboxRig& rig, OutboxSender& sender, const std::function<void()>& between) {
  bool second = false;
  run_until(rig, sender, [&] {
    const std::size_t sent = count(rig.rows(), OutboxState::sent);
    if (sent == 1 && !std::exchange(second, true)) {
      between();
      file_second_mail(rig.path());
      sender.nudge();
    }
    return sent == 2;
  });
}

}  // namespace ticketd
