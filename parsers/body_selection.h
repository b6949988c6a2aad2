#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "parsers/mime_splitter.h"
#include "parsers/transfer.h"

namespace ticketd {

/// A piece of the body: one text, or the two forms of a multipart/alternative (RFC 2046 §5.1.4).
struct BodyPiece {
  std::optional<std::size_t> plain;  ///< number of the part
  std::vector<std::size_t> html;     ///< numbers of the parts: Apple Mail writes one before and one behind each picture
};

/// Which parts are read as the text, and which are attachments, in the order of the mail. The parts of an attached
/// message are in neither: they belong to it.
struct BodySelection {
  std::vector<BodyPiece> pieces;
  std::vector<std::size_t> attachments;
  /// Attachments that are texts of the other form than `pieces`, outside an alternative: what somebody put around the
  /// body, or the body behind what somebody put before it.
  std::vector<BodyPiece> others;
  /// Attachments that are texts, the likeliest body first: for a mail whose pieces say nothing.
  std::vector<BodyPiece> reserve;
};

[[nodiscard]] BodySelection select_bodies(const SplitMail& mail);

/// Content-Disposition (RFC 2183) of a part, empty when it has none.
[[nodiscard]] ParameterizedValue disposition(const SplitMail& mail, std::size_t part);
[[nodiscard]] TransferEncoding encoding(const SplitMail& mail, std::size_t part);

}  // namespace ticketd
