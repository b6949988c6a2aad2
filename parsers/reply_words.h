#pragma once

#include <span>
#include <string_view>

/// The words by which mail programs mark what is not the writer's own, one row per language. All are folded
/// (`fold_for_comparison`), as are the lines they are looked for in.
namespace ticketd {

/// What the field of a quoted header (`From:`, `Gesendet:`, `Objet :`) says.
enum class HeaderRole { from, sent, to, subject, other };

struct HeaderLabel {
  std::string_view word;
  HeaderRole role;
};

[[nodiscard]] std::span<const HeaderLabel> header_labels();
/// `wrote`, `schrieb`, `a écrit`: the verb of an attribution.
[[nodiscard]] std::span<const std::string_view> wrote_words();
/// Between dashes, above a quoted mail.
[[nodiscard]] std::span<const std::string_view> original_words();
/// Between dashes or alone, above a forwarded mail.
[[nodiscard]] std::span<const std::string_view> forward_words();
/// Anywhere in the line by which a ticket system asks to write above it.
[[nodiscard]] std::span<const std::string_view> reply_above_words();
/// The start of the line that a mobile client or a web mailer adds.
[[nodiscard]] std::span<const std::string_view> sent_from_starts();
/// The end of such a line, in the languages that put the verb last.
[[nodiscard]] std::span<const std::string_view> sent_from_ends();
/// `fwd`, `wg`, `tr`: what a subject starts with, before its colon.
[[nodiscard]] std::span<const std::string_view> forward_prefixes();

}  // namespace ticketd
