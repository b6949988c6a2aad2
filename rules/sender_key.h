#pragma once

#include <string>
#include <string_view>

namespace ticketd {

/// One spelling for all addresses of one mailbox, for the limits per sender: lower case, without a detail (`ann+7@…`,
/// RFC 5233), and for Google's domains without dots. Not an address to write to.
[[nodiscard]] std::string sender_key(std::string_view address);

}  // namespace ticketd
