#pragma once

#include <string>
#include <string_view>

namespace ticketd {

/// A folder's name as an argument of a command: modified UTF-7 (RFC 3501 §5.1.3) in quotes. Throws
/// std::invalid_argument: empty, CR, LF or NUL in it, or no valid UTF-8.
[[nodiscard]] std::string quote_mailbox_name(std::string_view utf8);

}  // namespace ticketd
