#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace ticketd {

/// What tells of a person in texts, and what stands there instead once the person is erased.
struct Person {
  /// In all spellings of the local part (its case aside); the domain as `domain_key` makes it.
  std::vector<std::string> addresses;
  std::vector<std::string> names;               ///< in full; whoever writes them chooses them
  std::unordered_set<std::string> message_ids;  ///< of mails from him and to him alone, without angle brackets
  std::string address_mark;                     ///< an address
  std::string message_id_mark;

  bool operator==(const Person&) const = default;
};

constexpr std::string_view kErased = "(erased)";

/// The text, composed and decomposed (NFC, NFD): as it may be written.
[[nodiscard]] std::vector<std::string> canonical_forms(const std::string& text);

/// The text without the person; nullopt when there is nothing of him in it. Addresses and names are found in any case,
/// as whole words: `ann@x.example` is in neither `joann@x.example` nor `o'ann@x.example`; domains by A- and U-label.
/// Any white space, and marks of quotation behind a line end, stand for a space. Bytes that are no UTF-8 stay as they
/// are. Names count only where `names_alone`, or where the address stands in the same text: they may be words of a
/// language.
[[nodiscard]] std::optional<std::string> without_person(std::string_view text, const Person& person,
                                                        bool names_alone = true);

/// The text with each of these words, or pieces of text, replaced by kErased; nullopt when none is in it.
[[nodiscard]] std::optional<std::string> without_pieces(std::string_view text, const std::vector<std::string>& pieces);

/// The lines of a mail that are its writer's own, not quoted (RFC 3676 §4.5) and long enough to be told from others';
/// without formulas such as "Kind regards".
[[nodiscard]] std::unordered_set<std::string> own_lines(std::string_view text);

/// The text with each line replaced by kErased that is one of these and quoted, or so long that nobody else writes it;
/// nullopt when none is.
[[nodiscard]] std::optional<std::string> without_lines(std::string_view text,
                                                       const std::unordered_set<std::string>& lines);

/// Is one of these in the text, quoted or not?
[[nodiscard]] bool holds_line(std::string_view text, const std::unordered_set<std::string>& lines);

}  // namespace ticketd
