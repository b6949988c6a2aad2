#pragma once

#include <cstddef>
#include <string_view>

namespace ticketd {

[[nodiscard]] bool is_valid_utf8(std::string_view octets);

/// How far octets read as UTF-8.
struct Utf8Evidence {
  std::size_t telling = 0;     ///< sequences of several octets, hardly ever anything else
  std::size_t octets = 0;      ///< of these sequences
  std::size_t fitting = 0;     ///< those of them that the label leads to expect
  std::size_t bad = 0;         ///< octets that belong to no sequence
  char32_t first = 0;          ///< what the first telling one is
  bool has_different = false;  ///< another telling one is another character
};

/// `charset` is the label, as ICU calls it.
[[nodiscard]] Utf8Evidence weigh_utf8(std::string_view octets, std::string_view charset = {});

/// UTF-8 under the label of a charset that has one octet for each character. Two letters that happen to make one
/// character of another script do not tell, however often they come: `SPÓŁKA` in ISO 8859-2. Thai, whose words look
/// like UTF-8, has a rule of its own.
[[nodiscard]] bool is_mislabelled_utf8(std::string_view octets, std::string_view charset);

}  // namespace ticketd
