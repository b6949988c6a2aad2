#pragma once

#include <string>
#include <string_view>

namespace ticketd {

enum class ReferencesOf { text, tag };

/// Appends what stands between two tags of HTML, or a tag, so that libxml2 finds nothing wrong with its references, for
/// what it finds costs it a microsecond and, of a number, the text behind. Those of text that browsers read without
/// their `;` (HTML Standard §13.5: those that are older than it) are closed; a word before `=` is not: it is in an
/// address. An `&` that begins none becomes `&amp;`, and numbers of no character are left out.
void append_sound_references(std::string& html, std::string_view text, ReferencesOf place);

}  // namespace ticketd
