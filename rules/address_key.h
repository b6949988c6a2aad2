#pragma once

#include <string>
#include <string_view>

namespace ticketd {

/// Addresses are compared by these alone. One mailbox is written in many ways that a mail server does not tell apart:
/// - domain: any case, U-label or A-label (UTS #46, nontransitional: `straße.example` is not `strasse.example`), with
///   the root's dot or without it;
/// - local part: any case, composed or decomposed (NFC), quoted without need (RFC 5321 §4.1.2: `"ann"@…` is `ann@…`).
/// A detail (`ann+7@…`) and dots make another address: whose mailbox that is only its own server knows.

/// A domain as it is compared: A-labels in lower case. What UTS #46 refuses stays as it is, in lower case.
[[nodiscard]] std::string domain_key(std::string_view domain);

/// RFC 7489 §3.2: the label below the longest public suffix, and that suffix; a view into `domain`, which is as
/// `domain_key` makes it. Empty for a public suffix itself, and where no list can be read.
[[nodiscard]] std::string_view organizational_domain(const std::string& domain);

/// A local part as it is compared; in quotes only where it can't stand without them.
[[nodiscard]] std::string local_part_key(std::string_view local_part);

/// An address as it is compared; without an `@` all of it is taken for a local part. Not an address to write to.
[[nodiscard]] std::string address_key(std::string_view address);

/// `address_key(a) == address_key(b)`, without allocation for what is ASCII and unquoted.
[[nodiscard]] bool is_same_address(std::string_view a, std::string_view b);

/// The domain as people read it, with U-labels; for comparing looks, not for showing.
[[nodiscard]] std::string domain_to_unicode(std::string_view domain);

}  // namespace ticketd
