#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace ticketd {

/// What tells of a person in texts, and what stands there instead once the person is erased.
struct Person {
  std::string address;                          ///< lower case
  std::vector<std::string> names;               ///< in full; whoever writes them chooses them
  std::unordered_set<std::string> message_ids;  ///< of mails from him and to him alone, without angle brackets
  std::string address_mark;                     ///< an address
  std::string message_id_mark;
};

constexpr std::string_view kErased = "(erased)";

/// The text without the person; nullopt when there is nothing of him in it. Addresses and names are found in any case
/// (ASCII), as whole words: `ann@x.example` is not in `joann@x.example`. Bytes that are no UTF-8 stay as they are.
/// Names count only where `names_alone`, or where the address stands in the same text: they may be words of a language.
[[nodiscard]] std::optional<std::string> without_person(std::string_view text, const Person& person,
                                                        bool names_alone = true);

/// The text with each of these words, or pieces of text, replaced by kErased; nullopt when none is in it.
[[nodiscard]] std::optional<std::string> without_pieces(std::string_view text, const std::vector<std::string>& pieces);

/// The lines of a mail that are its writer's own, not quoted (RFC 3676 §4.5) and long enough to be told from others'.
[[nodiscard]] std::unordered_set<std::string> own_lines(std::string_view text);

/// The text with each line replaced by kErased that, quoted or not, is one of these; nullopt when none is.
[[nodiscard]] std::optional<std::string> without_lines(std::string_view text,
                                                       const std::unordered_set<std::string>& lines);

}  // namespace ticketd
