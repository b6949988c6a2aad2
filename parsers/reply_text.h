#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ticketd {

/// What the lines of a mail's text are to its writer.
enum class TextRole {
  written,      ///< newly written; a forwarded mail and its header too, for that is what the writer wants to be read
  context,      ///< quoted, with an answer written below it
  attribution,  ///< the line or header block that introduces a quote
  quoted,
  signature,
};

/// Whole lines, as octets [start, end) of the text.
struct TextRange {
  TextRole role = TextRole::written;
  std::size_t start = 0;
  std::size_t end = 0;
  std::size_t lines = 0;
  bool operator==(const TextRange&) const = default;
};

enum class QuoteCut {
  none,    ///< nothing of another mail was recognised
  sure,    ///< everything from one unmistakable mark to the end is another mail
  unsure,  ///< quotes amid or above what was written, forwarded mails, marks that prose could hold too
};

/// The text itself is kept by the caller; the ranges cover it without gaps, in order, neighbours of different roles.
struct ReplyText {
  std::vector<TextRange> ranges;
  QuoteCut cut = QuoteCut::none;

  /// What the writer newly wrote, with the quotes that it answers line by line; without blank lines at its ends.
  [[nodiscard]] std::string written(std::string_view text) const;
};

/// `text` as `Email::text`: UTF-8, lines end in \n. `subject` tells forwarded mails that carry no mark of their own.
/// Never cuts everything: a text whose every line looks quoted is `written` as a whole, unless each carries the mark of
/// a quote below an attribution: then nothing was written. Linear in time; lines of any length.
[[nodiscard]] ReplyText split_reply(std::string_view text, std::string_view subject);

/// `Fwd: x`, but not `Re: Fwd: x`: that answers a forwarded mail.
[[nodiscard]] bool is_forward_subject(std::string_view subject);

/// `split_reply(text, subject).written(text)`.
[[nodiscard]] std::string reply_text(std::string_view text, std::string_view subject);

}  // namespace ticketd
