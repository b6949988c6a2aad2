#pragma once

#include <string>
#include <string_view>

namespace ticketd {

/// Plain text (UTF-8, lines end in \n) as an HTML page for the text/html alternative: paragraphs at blank lines, line
/// breaks kept, everything escaped, http and https addresses made clickable. No colours, no images, nothing to load.
/// `language` is a BCP 47 tag from the program or the configuration, or empty.
[[nodiscard]] std::string html_alternative(std::string_view text, std::string_view language);

}  // namespace ticketd
