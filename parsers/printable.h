#pragma once

#include <string>
#include <string_view>

namespace ticketd {

/// Foreign text made safe for a terminal, a log line or an error text: one line of valid UTF-8. Control characters (C0,
/// C1, line ends), bidirectional overrides (UAX #9) and octets that are no UTF-8 become U+FFFD, tabs become spaces.
[[nodiscard]] std::string printable_line(std::string_view foreign);
/// The same, but line feeds stay.
[[nodiscard]] std::string printable_text(std::string_view foreign);

/// One printable word that a POSIX shell takes as it is, quoted where it has to be: for commands that people copy.
[[nodiscard]] std::string shell_word(std::string_view text);

}  // namespace ticketd
