#pragma once

#include <string>
#include <string_view>

namespace ticketd {

/// One spelling for all addresses of one sender, for the limits: as `address_key`, the local part in NFKC, without a
/// detail (`ann+7@…`, RFC 5233), and for Google's domains without dots. Dots and hyphens tell persons apart elsewhere.
/// Not an address to write to, and no proof of who wrote.
[[nodiscard]] std::string sender_key(std::string_view address);

/// One key for all addresses of a domain and those below it, for the limit per domain: `@acme.example`, which is no
/// sender's. Empty without a domain.
[[nodiscard]] std::string sender_domain_key(std::string_view address);

}  // namespace ticketd
