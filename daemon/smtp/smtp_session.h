#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/net/connection.h"
#include "daemon/smtp/delivery.h"
#include "daemon/smtp/smtp_transaction.h"
#include "parsers/smtp_reply.h"
#include "rules/ticket.h"

namespace ticketd {

/// RFC 5321 §4.5.3.2's least values, but for `open`, which covers DNS, TCP, TLS, greeting, EHLO and login together.
struct SmtpTimeouts {
  std::chrono::milliseconds open{30'000};
  std::chrono::milliseconds command{300'000};
  std::chrono::milliseconds data{120'000};
  std::chrono::milliseconds block{180'000};
  std::chrono::milliseconds final_reply{600'000};
  std::chrono::milliseconds quit{2'000};
};

/// One SMTP connection that serves one mail after the other. Where PIPELINING is offered, MAIL, RCPT and DATA of a mail
/// go out together, and those of the next one right behind the content of the one before (RFC 2920 §3.1): one round
/// trip per mail. That leaves no doubt about either: the content of the next mail only leaves after its own 354, which
/// also proves that replies and commands have not got out of step. After anything unexpected the connection is dropped.
class SmtpSession {
 public:
  SmtpSession(Network& network, Endpoint endpoint, SmtpTimeouts timeouts);

  /// Connects, logs in, asks for the extensions. Throws NetError.
  boost::asio::awaitable<void> open();
  /// Asked at most once for each mail, before the last of its content leaves: the mail of the next call; nullptr: none
  /// is known yet.
  using NextMail = std::function<const OutgoingMail*()>;
  /// One mail; never throws NetError: a broken connection is part of the result. The next one may be announced already,
  /// but nothing of its content is sent, and nothing of it is looked at while an answer is awaited.
  boost::asio::awaitable<Delivery> send(const OutgoingMail& mail, const NextMail& next);
  /// Says good-bye when that is possible; never throws NetError.
  boost::asio::awaitable<void> quit();

  /// Its URL, for the log.
  [[nodiscard]] const std::string& server() const { return server_; }
  [[nodiscard]] bool usable() const { return usable_; }
  /// The next call must be `send` with the mail that NextMail gave, or none at all.
  [[nodiscard]] bool has_announced() const { return announced_.has_value(); }
  /// Since when `send` waits for the server's next step; nullopt: nothing is being sent.
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> waits_since() const { return waits_since_; }
  [[nodiscard]] const SmtpExtensions& extensions() const { return extensions_; }
  /// Gives up whatever is awaited: a mail on its way becomes transient or uncertain.
  void interrupt();

 private:
  boost::asio::awaitable<void> converse(SmtpTransaction& transaction, const OutgoingMail& mail, const NextMail& next);
  boost::asio::awaitable<void> run_envelope(SmtpTransaction& transaction);
  boost::asio::awaitable<void> write_content(SmtpTransaction& transaction, const OutgoingMail& mail,
                                             const NextMail& next);
  [[nodiscard]] std::string announce(const OutgoingMail* next);
  boost::asio::awaitable<SmtpReply> read_reply(std::chrono::milliseconds timeout);
  void note_progress();
  [[nodiscard]] bool spoken_to() const;

  Connection connection_;
  std::string server_;
  SmtpTimeouts timeouts_;
  SmtpExtensions extensions_;
  SmtpReplyParser parser_;
  std::array<char, 4096> buffer_{};
  std::string_view unread_;  ///< of buffer_
  std::optional<SmtpTransaction> announced_;
  std::optional<std::chrono::steady_clock::time_point> waits_since_;
  bool usable_ = false;
  bool interrupted_ = false;
  bool needs_reset_ = false;
  bool served_ = false;  ///< a mail before the current one
};

}  // namespace ticketd
