#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/email.h"
#include "parsers/mime_tree.h"
#include "parsers/parameters.h"

namespace ticketd {

enum class PartKind {
  leaf,
  multipart,  ///< RFC 2046 §5.1: its parts follow
  message,    ///< RFC 2046 §5.2.1: the message is its only part
};

/// An entity of the mail; its fields are in the tree under the same number.
struct MimePart {
  std::optional<std::size_t> parent;
  std::size_t depth = 0;
  PartKind kind = PartKind::leaf;
  ParameterizedValue type;  ///< Content-Type, or the default of its place (RFC 2045 §5.2, RFC 2046 §5.1.5)
  bool untyped = false;     ///< it does not say what it is: HTML is told by its beginning, all else is plain text
  std::string_view preamble = {};  ///< of a multipart: what stands before its first part (RFC 2046 §5.1.1)
  std::string_view body;           ///< what follows the header, still transfer encoded; a view into the octets
};

struct SplitMail {
  MimeTree tree;
  std::vector<MimePart> parts;  ///< in the order of the mail; the first is the mail itself
  std::vector<std::string> defects;
};

/// Takes a mail apart without recursion, in time linear in its size. `octets` must outlive the result. Never fails:
/// beyond a limit an entity stays a leaf, and a defect says so.
[[nodiscard]] SplitMail split_mail(std::string_view octets, const ParseLimits& limits);

}  // namespace ticketd
