#pragma once

#include <string>
#include <string_view>

namespace ticketd {

/// Text as it can stand in an HTML element or in a quoted attribute.
[[nodiscard]] std::string escape_html(std::string_view text);

/// Plain text (UTF-8, lines end in \n) as HTML paragraphs, broken at blank lines: line breaks and indentation kept,
/// everything escaped, http and https addresses made clickable.
[[nodiscard]] std::string html_paragraphs(std::string_view text);

}  // namespace ticketd
