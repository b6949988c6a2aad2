#include "daemon/smtp/smtp_transaction.h"

#include <fmt/format.h>

#include <algorithm>

#include "parsers/ascii.h"
#include "rules/compose.h"

namespace ticketd {

namespace {

constexpr int kServiceCloses = 421;
constexpr int kStartContent = 354;
/// RFC 5321 §4.5.3.1.10: to RCPT it means "too many recipients now".
constexpr int kTooManyRecipients = 552;

bool has_eight_bit(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return is_8bit(c); });
}

std::string_view header_of(std::string_view octets) { return octets.substr(0, octets.find("\r\n\r\n")); }

/// nullopt: a reply that makes no sense there.
std::optional<DeliveryState> failure_of(const SmtpReply& reply) {
  if (reply.transient()) return DeliveryState::transient;
  if (reply.permanent()) return DeliveryState::permanent;
  return std::nullopt;
}

}  // namespace

SmtpTransaction::SmtpTransaction(const OutgoingMail& mail, const SmtpExtensions& offered, bool reset_first)
    : reverse_path_(mail.reverse_path),
      header_is_utf8_(has_eight_bit(header_of(mail.octets))),
      eight_bit_(has_eight_bit(mail.octets)) {
  for (const auto& address : mail.recipients) recipients_.push_back({address, false, std::nullopt, {}, {}});
  refuse_locally(mail, offered);
  const bool somebody = std::any_of(recipients_.begin(), recipients_.end(), [](const auto& r) { return !r.state; });
  if (somebody) plan(mail, offered, reset_first);
}

void SmtpTransaction::refuse_locally(const OutgoingMail& mail, const SmtpExtensions& offered) {
  if (!reverse_path_.empty() && !is_envelope_address(reverse_path_))
    decide_rest(DeliveryState::permanent, "the sender's address can't stand in an envelope (RFC 5321)");
  if (offered.max_size != 0 && mail.octets.size() > offered.max_size)
    decide_rest(DeliveryState::permanent, fmt::format("the mail has {} octets, the server takes {} at most",
                                                      mail.octets.size(), offered.max_size));
  if (eight_bit_ && !offered.eight_bit_mime)
    decide_rest(DeliveryState::permanent, "the mail has 8-bit content, which the server does not take (no 8BITMIME)");
  if ((header_is_utf8_ || has_eight_bit(reverse_path_)) && !offered.smtp_utf8)
    decide_rest(DeliveryState::permanent,
                "the sender's address or the header is not ASCII, which the server does not take (no SMTPUTF8)");
  for (auto& recipient : recipients_) {
    if (recipient.state) continue;
    if (!is_envelope_address(recipient.address))
      recipient.text = "the address can't stand in an envelope (RFC 5321)";
    else if (has_eight_bit(recipient.address) && !offered.smtp_utf8)
      recipient.text = "the address is not ASCII, which the server does not take (no SMTPUTF8)";
    else
      continue;
    recipient.state = DeliveryState::permanent;
  }
}

bool SmtpTransaction::speaks_utf8() const {
  return header_is_utf8_ || has_eight_bit(reverse_path_) ||
         std::any_of(recipients_.begin(), recipients_.end(),
                     [](const Recipient& r) { return !r.state && has_eight_bit(r.address); });
}

void SmtpTransaction::plan(const OutgoingMail& mail, const SmtpExtensions& offered, bool reset_first) {
  if (reset_first) planned_.push_back({Step::reset, 0, "RSET\r\n"});
  std::string line = fmt::format("MAIL FROM:<{}>", reverse_path_);
  if (offered.size) line += fmt::format(" SIZE={}", mail.octets.size());
  const bool utf8 = speaks_utf8();
  if ((eight_bit_ || utf8) && offered.eight_bit_mime) line += " BODY=8BITMIME";
  if (utf8) line += " SMTPUTF8";
  planned_.push_back({Step::mail, 0, line + "\r\n"});
  for (std::size_t i = 0; i < recipients_.size(); ++i)
    if (!recipients_[i].state)
      planned_.push_back({Step::recipient, i, fmt::format("RCPT TO:<{}>\r\n", recipients_[i].address)});
  planned_.push_back({Step::data, 0, "DATA\r\n"});
}

/// After MAIL or all of RCPT have failed the rest need not be said.
bool SmtpTransaction::pointless(const Command& command) const {
  if (connection_done_) return true;
  if (command.step == Step::recipient) return mail_refused_;
  return command.step == Step::data && awaited_.empty() && !has_recipients();
}

std::string SmtpTransaction::take_commands(std::size_t limit) {
  std::string octets;
  while (limit > 0 && !planned_.empty()) {
    if (pointless(planned_.front())) {
      planned_.pop_front();
      continue;
    }
    octets += planned_.front().line;
    awaited_.push_back(std::move(planned_.front()));
    planned_.pop_front();
    --limit;
  }
  return octets;
}

bool SmtpTransaction::awaits_data_reply() const { return !awaited_.empty() && awaited_.front().step == Step::data; }

bool SmtpTransaction::has_recipients() const {
  return std::any_of(recipients_.begin(), recipients_.end(),
                     [](const Recipient& r) { return r.accepted && !r.state.has_value(); });
}

void SmtpTransaction::take_reply(const SmtpReply& reply) {
  const Command command = std::move(awaited_.front());
  awaited_.pop_front();
  if (reply.code == kServiceCloses) {
    connection_done_ = service_closed_ = true;
    return decide_rest(DeliveryState::transient, to_string(reply));
  }
  answered_ = answered_ || command.step != Step::reset;
  switch (command.step) {
    case Step::reset:
      if (!reply.positive()) unexpected(reply);
      return;
    case Step::mail:
      mail_accepted_ = reply.positive();
      mail_refused_ = !mail_accepted_;
      if (mail_accepted_) return;
      if (const auto failure = failure_of(reply)) return decide_rest(*failure, to_string(reply));
      return unexpected(reply);
    case Step::recipient:
      return take_recipient_reply(recipients_[command.recipient], reply);
    case Step::data:
      return take_data_reply(reply);
  }
}

void SmtpTransaction::take_recipient_reply(Recipient& recipient, const SmtpReply& reply) {
  if (reply.intermediate()) return unexpected(reply);
  if (recipient.state) return;
  recipient.accepted = reply.positive();
  if (recipient.accepted) return;
  recipient.text = to_string(reply);
  recipient.state = reply.code == kTooManyRecipients ? DeliveryState::transient : failure_of(reply);
  recipient.put_off = recipient.state == DeliveryState::transient;
  if (recipient.state == DeliveryState::permanent)
    recipient.refusal = DeliveryStatus{recipient.address, {}, "failed", reply.enhanced, recipient.text};
}

void SmtpTransaction::take_data_reply(const SmtpReply& reply) {
  wants_content_ = reply.code == kStartContent;
  if (wants_content_) return;
  if (const auto failure = failure_of(reply)) return decide_rest(*failure, to_string(reply));
  unexpected(reply);
}

void SmtpTransaction::take_final_reply(const SmtpReply& reply) {
  if (reply.code == kServiceCloses) connection_done_ = true;
  if (reply.positive()) return decide_rest(DeliveryState::sent, to_string(reply));
  if (const auto failure = failure_of(reply)) return decide_rest(*failure, to_string(reply), !connection_done_);
  unexpected(reply);
}

void SmtpTransaction::unexpected(const SmtpReply& reply) { lose("unexpected answer: " + to_string(reply)); }

void SmtpTransaction::lose(std::string_view reason) {
  connection_done_ = true;
  decide_rest(content_sent_ ? DeliveryState::uncertain : DeliveryState::transient, reason);
}

void SmtpTransaction::decide_rest(DeliveryState state, std::string_view text, bool is_about_mail) {
  for (auto& recipient : recipients_) {
    if (recipient.state) continue;
    recipient.state = state;
    recipient.text = text;
    recipient.put_off = is_about_mail && state == DeliveryState::transient;
  }
}

Delivery SmtpTransaction::delivery() const {
  Delivery delivery;
  for (const auto& recipient : recipients_)
    delivery.recipients.push_back({recipient.address, recipient.state.value_or(DeliveryState::transient),
                                   recipient.text, recipient.refusal, recipient.put_off});
  return delivery;
}

}  // namespace ticketd
