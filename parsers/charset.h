#pragma once

#include <string>
#include <string_view>

namespace ticketd {

/// Text in a declared, a guessed or no charset as valid UTF-8. `declared` is the label of the text itself, `hint` that
/// of a text nearby; either may be empty, unknown or wrong. Tried in turn: the declared charset, UTF-8, the hint, the
/// declared charset with some errors, ICU's detector, windows-1252. Text that reads as UTF-8, but for few octets, is
/// UTF-8 also under the label of a charset with one octet for each character (US-ASCII, ISO 8859, windows-125x), unless
/// it is but one character, of a script that the charset does not have, or looks like Thai under a label of Thai. UTF-7
/// is believed only where it is declared: every reader of markup or addresses sees the decoded text. Never fails; what
/// cannot be read is U+FFFD.
[[nodiscard]] std::string decode_charset(std::string_view octets, std::string_view declared,
                                         std::string_view hint = {});

/// The first octets of valid UTF-8, at most `limit` and no character cut.
[[nodiscard]] std::string_view utf8_prefix(std::string_view utf8, std::size_t limit);

}  // namespace ticketd
