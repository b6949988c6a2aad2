#pragma once

#include <string>
#include <string_view>

namespace ticketd {

/// A folder's name as an argument of a command: modified UTF-7 (RFC 3501 §5.1.3) in quotes. Throws
/// std::invalid_argument: empty, CR, LF or NUL in it, or no valid UTF-8.
[[nodiscard]] std::string quote_mailbox_name(std::string_view utf8);

/// A folder's name as a server told it, in UTF-8. What is no modified UTF-7 stays as it is.
[[nodiscard]] std::string decode_mailbox_name(std::string_view wire);

}  // namespace ticketd
