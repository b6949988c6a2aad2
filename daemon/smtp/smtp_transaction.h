#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/smtp/delivery.h"
#include "parsers/smtp_reply.h"
#include "rules/ticket.h"

namespace ticketd {

/// One mail's way through MAIL, RCPT, DATA and the content (RFC 5321 §3.3), without a socket: gives the commands, takes
/// the replies in the order of the commands, and knows at each moment what became of whom. Commands may be taken one by
/// one or in groups (RFC 2920).
class SmtpTransaction {
 public:
  /// Checks size, addresses and characters against what the server offers; who fails is refused without a command.
  /// `reset_first`: the server still has a transaction open.
  SmtpTransaction(const OutgoingMail& mail, const SmtpExtensions& offered, bool reset_first);

  /// Up to `limit` further commands, CRLF included. Empty: there is nothing more to say before the replies, or at all.
  [[nodiscard]] std::string take_commands(std::size_t limit);
  /// Replies that are due for the commands taken.
  [[nodiscard]] std::size_t awaited() const { return awaited_.size(); }
  /// The next one of them is that of DATA.
  [[nodiscard]] bool awaits_data_reply() const;
  void take_reply(const SmtpReply& reply);

  /// DATA was answered 354: now comes the content, or without any recipient left a lone dot (RFC 2920 §3.1).
  [[nodiscard]] bool wants_content() const { return wants_content_; }
  [[nodiscard]] bool has_recipients() const;
  /// The last octet of the content has been handed over: from now on a lost connection is uncertain.
  void content_sent() { content_sent_ = true; }
  void take_final_reply(const SmtpReply& reply);

  /// The connection is of no more use: nobody who is undecided will be served.
  void lose(std::string_view reason);

  /// A reply that fits no command, or 421: the connection must not be used again.
  [[nodiscard]] bool connection_done() const { return connection_done_; }
  /// It said 421 (RFC 5321 §3.8).
  [[nodiscard]] bool service_closed() const { return service_closed_; }
  /// The server keeps a transaction of which nothing came: RSET before the next MAIL.
  [[nodiscard]] bool leaves_transaction_open() const { return mail_accepted_ && !content_sent_; }
  /// Nobody was decided on by a reply to a command of this mail, and no content left.
  [[nodiscard]] bool untouched() const { return !content_sent_ && !answered_; }
  [[nodiscard]] Delivery delivery() const;

 private:
  enum class Step { reset, mail, recipient, data };
  struct Command {
    Step step;
    std::size_t recipient;
    std::string line;
  };
  struct Recipient {
    std::string address;
    bool accepted = false;
    std::optional<DeliveryState> state;
    std::string text;
    std::optional<DeliveryStatus> refusal = {};
    bool put_off = false;
  };

  void refuse_locally(const OutgoingMail& mail, const SmtpExtensions& offered);
  void plan(const OutgoingMail& mail, const SmtpExtensions& offered, bool reset_first);
  [[nodiscard]] bool speaks_utf8() const;
  [[nodiscard]] bool pointless(const Command& command) const;
  void take_recipient_reply(Recipient& recipient, const SmtpReply& reply);
  void take_data_reply(const SmtpReply& reply);
  void unexpected(const SmtpReply& reply);
  void decide_rest(DeliveryState state, std::string_view text, bool is_about_mail = false);

  std::vector<Recipient> recipients_;
  std::string reverse_path_;
  bool header_is_utf8_ = false;
  bool eight_bit_ = false;
  std::deque<Command> planned_, awaited_;
  bool mail_accepted_ = false;
  bool mail_refused_ = false;
  bool wants_content_ = false;
  bool content_sent_ = false;
  bool connection_done_ = false;
  bool service_closed_ = false;
  bool answered_ = false;
};

}  // namespace ticketd
