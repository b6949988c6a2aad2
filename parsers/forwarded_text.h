#pragma once

#include <string_view>
#include <vector>

#include "parsers/email.h"

namespace ticketd {

/// What the header that a mail program puts above a forwarded mail says of it.
struct ForwardedHeader {
  Mailbox from;  ///< its `addr_spec` holds an `@`, or is empty where From has a name alone
  std::vector<Mailbox> to;
  bool operator==(const ForwardedHeader&) const = default;
};

struct ForwardedText {
  /// A mark of a forwarded mail, or a subject that says so above a quoted header, or a full header of four lines or
  /// more under a subject without any prefix.
  bool is_forward = false;
  /// From the outermost mail to those that it had quoted or forwarded itself; at most ten, those without From left out.
  std::vector<ForwardedHeader> headers;
};

/// The mails that a text passes on, told by the marks of reply_marks.h and the labels of reply_words.h. Arguments as of
/// `split_reply`; linear in time. Everything is what the writer wrote and proves nothing.
[[nodiscard]] ForwardedText find_forwarded(std::string_view text, std::string_view subject);

}  // namespace ticketd
