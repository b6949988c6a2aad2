#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/email.h"

namespace ticketd {

/// The octets that an outgoing mail is made of. Every function takes any octets and gives only what may stand in its
/// place: no value can end a header field, a line or a quoted string.

/// One line of UTF-8: control characters, line ends of every kind and octets that are no UTF-8 become spaces, runs of
/// white space one space, none at the ends.
[[nodiscard]] std::string header_line(std::string_view foreign);

/// At most `octets` octets of UTF-8 with "…" in place of what is cut off; cut between code points, never before a
/// combining mark.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t octets);

/// RFC 5322 §3.3, in UTC: "Tue, 24 Nov 2026 10:30:00 +0000".
[[nodiscard]] std::string rfc5322_date(Time at);

/// A header field, folded before the tokens that would pass column 78 (RFC 5322 §2.2.3); tokens hold no white space and
/// are set apart by one space. With CRLF.
[[nodiscard]] std::string header_field(std::string_view name, const std::vector<std::string>& tokens);

/// Unstructured text as tokens; words that are not plain ASCII as encoded words (RFC 2047 §5 rule 1). `column` is where
/// the first token stands.
[[nodiscard]] std::vector<std::string> unstructured_tokens(std::string_view line, std::size_t column);

/// A mailbox as tokens: a phrase of atoms, a quoted string or encoded words (RFC 2047 §5 rule 3), then <addr_spec>.
/// `addr_spec` is an envelope address.
[[nodiscard]] std::vector<std::string> mailbox_tokens(const Mailbox& mailbox, std::size_t column);

/// RFC 2045 §6.7: lines end in CRLF and have at most 76 columns; trailing blanks, leading dots and a leading "From "
/// are encoded. `text` has LF line ends.
[[nodiscard]] std::string quoted_printable(std::string_view text);

}  // namespace ticketd
