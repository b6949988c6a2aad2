#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/attached_file.h"
#include "rules/ruleset.h"
#include "rules/ticket.h"

namespace ticketd {

/// What an outgoing mail says; `compose_mail` makes octets of it.
struct MailDraft {
  OutboxKind kind = OutboxKind::answer;
  std::optional<TicketId> ticket;
  std::vector<Mailbox> to, cc;
  std::string subject;                  ///< without the tag: it is put in front when `ticket` is set
  std::string body;                     ///< plain text, lines end in \n; the HTML alternative is made from it
  std::string in_reply_to;              ///< message id, may be empty
  std::vector<std::string> references;  ///< oldest first; trimmed to the first and the last nine
  bool replies_to_mail = false;         ///< Auto-Submitted: auto-replied instead of auto-generated (RFC 3834)
  bool automatic = true;                ///< false for the words of a person: no Auto-Submitted, no Precedence
  bool is_short = false;                ///< for a pager: one text/plain part; gateways pass on the whole body
  std::vector<OutgoingFile> files;
  std::string language = "en";  ///< of the body (BCP 47), for readers and their programs; empty: not known
};

/// RFC 5322 octets with text/plain and text/html alternatives, UTF-8 quoted-printable, CRLF. `token` makes the
/// Message-ID. No value can add a header field, a recipient or a line: control characters become spaces, addresses that
/// RFC 5321 would not take are left out of the envelope (an empty `recipients` then tells that nobody is left). A mail
/// of a person always has a reverse-path, whatever Ruleset::null_reverse_path says: its bounce must come back.
[[nodiscard]] OutgoingMail compose_mail(const MailDraft& draft, const Ruleset& ruleset, Time now,
                                        std::string_view token);

/// The same mail but for its octets: only what tells the kind of the draft, its ticket and its receivers counts.
[[nodiscard]] OutgoingMail address_mail(const MailDraft& draft, const Ruleset& ruleset, std::string_view token);

/// Makes the octets of a mail that has none yet. Throws what OutgoingMail::write throws.
void write_out(OutgoingMail& mail);

/// RFC 5322 §3.6.4, without angle brackets.
[[nodiscard]] std::string message_id_for(std::string_view token, const Ruleset& ruleset);

/// RFC 5321 §4.1.2 mailbox that can stand in an envelope and, as it is, in a header field: no control characters,
/// spaces or angle brackets, one domain (no address literal), at most 254 octets; UTF-8 as in RFC 6531.
[[nodiscard]] bool is_envelope_address(std::string_view addr_spec);

}  // namespace ticketd
