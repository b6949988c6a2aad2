#pragma once

#include <string>
#include <string_view>

namespace ticketd {

/// Appends what stands between two tags of HTML, and closes the references that browsers read without their `;` (HTML
/// Standard §13.5: those that are older than it), for libxml2 takes them for text. A word before `=` is left alone: it
/// is in an address.
void append_closing_references(std::string& html, std::string_view text);

}  // namespace ticketd
