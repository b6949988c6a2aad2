#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ticketd {

/// RFC 2045 §6. Unknown names are `identity`: the octets stay as they are.
enum class TransferEncoding { identity, base64, quoted_printable };

/// Reads the value of a Content-Transfer-Encoding field, comments and stray punctuation included.
[[nodiscard]] TransferEncoding transfer_encoding(std::string_view field_value);

/// Undoes the encoding. Never fails: octets outside the alphabet are skipped, a broken `=` of quoted-printable stays,
/// and what `text_behind` finds is left out. What is called base64 and is plainly none stays as it is.
[[nodiscard]] std::string decode_transfer(std::string_view octets, TransferEncoding encoding);

/// The same of a part that is text: octets that are no UTF-8, of lines that are words each, were never base64.
[[nodiscard]] std::string decode_text(std::string_view octets, TransferEncoding encoding);

/// What stands unencoded behind the lines of base64, as mailing lists put their footer there; empty when nothing does.
[[nodiscard]] std::string_view text_behind(std::string_view octets, TransferEncoding encoding);

/// The size of what `decode_transfer` would return, without the memory.
[[nodiscard]] std::uint64_t decoded_size(std::string_view octets, TransferEncoding encoding);

/// The Q encoding of RFC 2047 §4.2.
[[nodiscard]] std::string decode_q(std::string_view text);

}  // namespace ticketd
