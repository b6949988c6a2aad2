#pragma once

#include <string>
#include <string_view>

/// Text for the macros of man(7). Every function gives whole lines.
namespace ticketd::roff {

/// Plain text for any place of a line: what roff would take for its own is escaped. Line ends become blanks.
[[nodiscard]] std::string escaped(std::string_view text);
/// The same for what is typed: hyphens are those of the keyboard.
[[nodiscard]] std::string typed(std::string_view text);
/// A line of running text.
[[nodiscard]] std::string text_line(std::string_view text);

}  // namespace ticketd::roff
