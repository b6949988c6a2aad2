#pragma once

#include <string>
#include <string_view>

namespace ticketd {

/// Foreign text made safe for a terminal, a log line or an error text: one line of valid UTF-8. Tabs become spaces;
/// U+FFFD what `CharacterKind` calls a line end, a control, a reordering or an invisible character, and octets that are
/// no UTF-8. Texts and lines from `clean_text.h` stay as they are.
[[nodiscard]] std::string printable_line(std::string_view foreign);
/// The same, but line feeds stay.
[[nodiscard]] std::string printable_text(std::string_view foreign);

/// One printable word that a POSIX shell takes as it is, quoted where it has to be: for commands that people copy.
[[nodiscard]] std::string shell_word(std::string_view text);

}  // namespace ticketd
