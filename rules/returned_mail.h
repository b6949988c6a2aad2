#pragma once

#include <span>
#include <string>
#include <string_view>

#include "rules/mail_case.h"

namespace ticketd {

/// What a report says of one recipient, judged.
enum class Failure {
  none,       ///< it arrived
  delayed,    ///< the server goes on trying
  temporary,  ///< it did not arrive, but the address may well be good: full, refused, or nothing that is sure
  permanent   ///< there is no such address
};
/// RFC 3463: a report without a clear word of a missing address is no permanent failure. The one place that says which
/// failures bar an address.
[[nodiscard]] Failure judge_failure(const DeliveryStatus& status);

/// What a bounce says of the mails of ours that it names: an event for each, and no further mail to an address that
/// does not exist. That is believed only of the one recipient to whom the very mail went: whoever got a copy knows the
/// id as well, and could have anybody's address barred; so neither when he has written since it was sent, for an answer
/// shows the id to others, nor by a report that staff or a participant sent. Anything but a bounce changes nothing.
void note_returned_mail(const MailCase& mail, Decision& decision);

/// What a mail server said to the RCPT of a recipient of `mail`, which is a row of the outbox, judged as a report would
/// be (RFC 5321 §3.3). Where there is no such address it is barred, and two events say so; else nothing follows.
void note_refused_recipient(const OutgoingMail& mail, const DeliveryStatus& answer, Time now, Decision& decision);

/// Whoever writes exists: his address is written to again, unless From: may be forged.
void welcome_back(const MailCase& mail, Decision& decision);

/// "The acknowledgement": as events name a mail of ours.
[[nodiscard]] std::string_view in_words(OutboxKind kind);

/// Why a mail does not go to some of its recipients: for the outbox and the log.
[[nodiscard]] std::string suppression_in_words(OutboxKind kind, std::span<const Undeliverable> left_out);

}  // namespace ticketd
