#pragma once

#include <span>
#include <string_view>

/// The words by which mail programs mark what is not the writer's own, one row per language. All are folded
/// (`fold_for_comparison`), as are the lines they are looked for in.
namespace ticketd {

/// What the field of a quoted header (`From:`, `Gesendet:`, `Objet :`) says.
enum class HeaderRole {
  from,
  sent,
  to,
  subject,
  other,
  transport,  ///< in the header as it is sent, never in the block that a mail program shows
};

struct HeaderLabel {
  std::string_view word;
  HeaderRole role;
};

[[nodiscard]] std::span<const HeaderLabel> header_labels();
/// `wrote`, `schrieb`, `a écrit`, `zitat von`: what an attribution says of the name in it.
[[nodiscard]] std::span<const std::string_view> wrote_words();
/// `on`, `am`, `w dniu`: what an attribution starts with, before its date.
[[nodiscard]] std::span<const std::string_view> opening_words();
/// `my`, `mir`, `herr`: what sentences about a letter hold, and attributions don't.
[[nodiscard]] std::span<const std::string_view> prose_words();
/// Alone between dashes, above a quoted mail.
[[nodiscard]] std::span<const std::string_view> original_words();
/// Alone between dashes, above a forwarded mail.
[[nodiscard]] std::span<const std::string_view> forward_words();
/// `forwarded by`: between dashes, before a name and a date.
[[nodiscard]] std::span<const std::string_view> forwarded_by_words();
/// Alone before a colon, above a forwarded mail.
[[nodiscard]] std::span<const std::string_view> forward_announcements();
/// In the line by which a ticket system asks to write above it.
[[nodiscard]] std::span<const std::string_view> reply_above_words();
/// `fwd`, `wg`, `tr`: what a subject starts with, before its colon.
[[nodiscard]] std::span<const std::string_view> forward_prefixes();

}  // namespace ticketd
