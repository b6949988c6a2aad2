#pragma once

#include <string>

namespace ticketd {

/// A file that goes along with a mail of ours.
struct OutgoingFile {
  std::string name;        ///< Attachment::name; may be empty
  std::string media_type;  ///< as its sender claimed
  std::string octets;
};

/// The file as a body part (RFC 2183, RFC 2231), in base64, with CRLF: whatever it is called or claims to be, it can't
/// end its part or add a header field.
[[nodiscard]] std::string attachment_part(const OutgoingFile& file);

}  // namespace ticketd
