#pragma once

#include <string_view>

namespace ticketd {

/// Is the plain form of a mail (UTF-8) only there to say that the HTML form should be read: empty in effect, or a few
/// words about HTML, browsers or MIME that the text of the HTML form (`html_text`) does not consist of? Wrong guesses
/// lose nothing, for the HTML form then has the same words.
[[nodiscard]] bool stands_for_html(std::string_view plain, std::string_view html_text);

/// The first half of that question: whether the HTML form has to be looked at.
[[nodiscard]] bool may_stand_for_html(std::string_view plain);

}  // namespace ticketd
