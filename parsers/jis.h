#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ticketd {

/// ISO-2022-JP (RFC 1468) as windows-31j, for senders write what only that has (NEC's and IBM's rows, half-width
/// katakana). Half a character and an unknown escape sequence are a code that windows-31j has no character for.
struct JisText {
  std::string windows_31j;
  bool shifted = false;  ///< into another set than ASCII
};

/// nullopt when an octet has eight bits: that is another charset.
[[nodiscard]] std::optional<JisText> read_jis(std::string_view octets);

}  // namespace ticketd
