#pragma once

#include <string_view>

namespace ticketd {

/// How surely a mail program, and no person, wrote a line.
enum class ClientLine {
  none,
  last,      ///< could be a person's: only where nothing but a signature follows
  anywhere,  ///< as a paragraph of its own
};

/// "Sent from my iPhone", "Von meinem Handy gesendet", "Get Outlook for iOS" in any language: what mobile clients and
/// web mailers put below the text. The line without white space at its ends.
[[nodiscard]] ClientLine client_line(std::string_view line);

}  // namespace ticketd
