#pragma once

#include <string>
#include <string_view>

namespace ticketd {

/// RFC 4648 §4, with padding, in one line.
[[nodiscard]] std::string base64(std::string_view octets);

}  // namespace ticketd
