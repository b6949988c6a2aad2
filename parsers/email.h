#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "parsers/delivery_status.h"
#include "parsers/time.h"

namespace ticketd {

/// RFC 5322 §3.4 mailbox. Both parts are UTF-8, free of control characters; `addr_spec` is as written (its domain
/// lower-cased), and may lack an `@` when the sender wrote none (`MAILER-DAEMON`).
struct Mailbox {
  std::string display_name;
  std::string addr_spec;
  bool operator==(const Mailbox&) const = default;
};

/// RFC 5322 §2.2 header field. `name` as written, `value` unfolded and otherwise raw: encoded words are still encoded.
struct HeaderField {
  std::string name;
  std::string value;
};

/// A leaf that is not the text body, or a file that such a leaf (TNEF) or the text (uuencode) contains. `id` counts
/// from 1 in the order of the mail and is stable for the same octets and limits: `extract_attachment` takes it. `name`
/// is safe to show (no path, no control character, unique in its mail).
struct Attachment {
  std::uint32_t id = 0;
  std::string name;
  std::string media_type;  ///< lower case `type/subtype`; what the sender claims, never trusted
  std::uint64_t size = 0;  ///< octets after the transfer encoding is undone
  std::string content_id;  ///< without the angle brackets; empty when there is none
  /// Shown in the text: Content-Disposition (RFC 2183) says inline, or it is a part of multipart/related with an id.
  bool inlined = false;
  bool operator==(const Attachment&) const = default;
};

/// Everything beyond a limit is left in the raw mail and named in `Email::defects`; nothing is an error but a message
/// larger than `message_octets`, which the caller cuts before parsing.
struct ParseLimits {
  std::size_t header_octets = 256 * 1024;
  std::size_t field_octets = 64 * 1024;
  std::size_t fields = 1000;
  std::size_t depth = 32;
  std::size_t parts = 1000;
  std::size_t boundary_octets = 200;
  std::size_t parameters = 100;
  std::size_t addresses = 500;
  std::size_t references = 50;  ///< the last ones count
  std::size_t text_octets = 2 * 1024 * 1024;
};

/// Who wrote the text of a mail, in so far as its place tells: only what is `own` may speak for the sender.
enum class TextOrigin {
  own,       ///< its body, also within the signature of the whole mail
  attached,  ///< a file, or a TNEF part, which may be another mail's
  enclosed,  ///< a mail that it encloses, below a heading that says so
};

/// How much of a mail that is larger than the size limit is kept: its header and first text.
inline constexpr std::size_t kOversizeKeep = 256 * 1024;

/// One received mail, read. All strings are valid UTF-8 but the raw values in `header`.
struct Email {
  std::optional<Mailbox> from;  ///< the first usable one of the first From field
  std::optional<Mailbox> sender;
  std::vector<Mailbox> to, cc, reply_to;
  std::string subject;                   ///< RFC 2047 decoded, one line, with its tag and prefixes
  std::string message_id;                ///< without angle brackets; empty when there is none
  std::vector<std::string> in_reply_to;  ///< without angle brackets
  std::vector<std::string> references;   ///< without angle brackets, oldest first
  std::optional<Time> date;              ///< the sender's claim; never a time of reporting
  std::string text;                      ///< the body as plain text, lines end in \n
  TextOrigin text_origin = TextOrigin::own;
  std::vector<Attachment> attachments;
  std::vector<HeaderField> header;  ///< the fields of the mail itself, in order
  std::string media_type;           ///< of the mail itself, lower case `type/subtype`
  std::string report_type;          ///< multipart/report's parameter (RFC 6522), lower case; else empty
  /// iTIP method (RFC 5546 §1.4) of its first text/calendar part that has one, upper case; else empty. What an enclosed
  /// mail invites to does not count.
  std::string calendar_method;
  std::string message_class;  ///< of its first TNEF part that names one (MS-OXCMSG §2.2.1.3): `IPM.Note`; one line
  /// Without angle brackets: of the mails that it encloses, whole or as their header (RFC 6522 §3). At most ten.
  std::vector<std::string> returned_ids;
  /// Of its message/delivery-status parts, at most kMostDeliveryStatuses.
  std::vector<DeliveryStatus> delivery_statuses;
  std::vector<std::string> defects;  ///< what was repaired or left out, in words

  /// The first field of that name (case-insensitive), unfolded and raw; nullptr when there is none.
  [[nodiscard]] const std::string* field(std::string_view name) const;
};

/// No header field can be read: such octets go to quarantine.
struct ParseError {
  std::string reason;
};

/// Reads a mail in time and memory linear in its size. Throws nothing but std::bad_alloc.
[[nodiscard]] std::variant<Email, ParseError> parse_email(std::string_view octets, const ParseLimits& limits = {});

/// The decoded octets of attachment `id` of the same mail under the same limits; nullopt when there is no such id.
[[nodiscard]] std::optional<std::string> extract_attachment(std::string_view octets, std::uint32_t id,
                                                            const ParseLimits& limits = {});

/// SHA-256, in lower-case hex, over From, Date, Subject, the decoded text, and the attachments' names and decoded
/// octets: with the Message-ID, what makes two mails the same mail (senders do reuse ids). `octets` and `limits` are
/// what `email` was read from.
[[nodiscard]] std::string content_digest(const Email& email, std::string_view octets, const ParseLimits& limits = {});

}  // namespace ticketd
