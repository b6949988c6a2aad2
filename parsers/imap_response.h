#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "parsers/imap_tokens.h"
#include "parsers/sequence_set.h"
#include "parsers/time.h"

namespace ticketd {

/// What one response may cost: the memory for it is at most whole_octets and a small multiple of line_octets, whatever
/// the server announces.
struct ImapLimits {
  std::size_t line_octets = 8 * 1024 * 1024;  ///< all text of a response, its literals aside; beyond: refused
  std::uint64_t literal_octets = 0x7fffffff;  ///< announced size; beyond: refused
  std::uint64_t whole_octets = 35'000'000;    ///< up to this size a literal is kept whole ...
  std::size_t head_octets = 256 * 1024;       ///< ... and of a larger one, this much; the rest is read and dropped
  std::size_t literals = 16;                  ///< in one response; beyond: refused
};

/// `[CODE argument]` of a status response (RFC 9051 §7.1). `name` is upper case, empty when there is none.
struct ImapCode {
  std::string name;
  std::string argument;
  /// The argument of UIDVALIDITY, UIDNEXT, UNSEEN: 1 or more. nullopt: it is none.
  [[nodiscard]] std::optional<std::uint32_t> number() const;
};

/// COPYUID (RFC 4315 §3): the receipt of a COPY or MOVE.
struct ImapCopyUid {
  std::uint32_t uid_validity = 0;
  std::vector<SequenceRange> from, to;
};
[[nodiscard]] std::optional<ImapCopyUid> parse_copy_uid(const ImapCode& code);

/// OK, NO, BAD, BYE, PREAUTH. `tag` is empty for an untagged one.
struct ImapStatus {
  enum class Kind { ok, no, bad, bye, preauth };
  std::string tag;
  Kind kind = Kind::ok;
  ImapCode code;
  std::string text;
};
/// `+ text`: the server waits for more.
struct ImapContinuation {
  std::string text;
};
/// Upper-case words of an untagged CAPABILITY.
struct ImapCapabilities {
  std::vector<std::string> names;
};
struct ImapExists {
  std::uint32_t count = 0;
};
struct ImapExpunge {
  std::uint32_t sequence_number = 0;
};
/// RFC 7162 §3.2.10
struct ImapVanished {
  bool earlier = false;
  std::vector<SequenceRange> uids;
};
struct ImapSearch {
  std::vector<std::uint32_t> numbers;
};
/// RFC 9051 §7.3.4. `all` is empty when nothing matched.
struct ImapEsearch {
  std::string tag;
  bool uid = false;
  std::vector<SequenceRange> all;
};
/// One message's data (RFC 9051 §7.5.2); what the response did not name is nullopt.
struct ImapFetch {
  std::uint32_t sequence_number = 0;
  std::optional<std::uint32_t> uid;
  std::optional<Time> internal_date;  ///< nullopt also when it is no date
  std::optional<std::uint64_t> rfc822_size;
  std::optional<std::vector<std::string>> flags;
  std::optional<ImapLiteral> body;  ///< BODY[]; nullopt also for NIL
};
/// Answer to STATUS (RFC 9051 §7.3.5); what the response did not name is nullopt. Of which mailbox is not kept.
struct ImapMailboxStatus {
  std::optional<std::uint32_t> messages, uid_next, uid_validity;
};
/// One folder (RFC 9051 §7.3.1).
struct ImapList {
  std::string name;        ///< as it came: in modified UTF-7 (RFC 3501 §5.1.3)
  bool selectable = true;  ///< false: it is only there to hold others
};
/// A response of which nothing but its name matters here (FLAGS, RECENT, ID, ...).
struct ImapOther {
  std::string name;
};

using ImapResponse = std::variant<ImapStatus, ImapContinuation, ImapCapabilities, ImapExists, ImapExpunge, ImapVanished,
                                  ImapSearch, ImapEsearch, ImapFetch, ImapMailboxStatus, ImapList, ImapOther>;

/// Cuts the stream of a server's octets into responses, wherever the network cut it.
class ImapResponseReader {
 public:
  explicit ImapResponseReader(const ImapLimits& limits = {}) : limits_(limits) {}

  /// Takes octets from the front of `octets` up to the end of the next response and returns it; nullopt when all of
  /// them are taken and it is not complete yet. Throws ImapSyntaxError; then this reader is of no use any more.
  [[nodiscard]] std::optional<ImapResponse> next(std::string_view& octets);
  /// In the middle of a response.
  [[nodiscard]] bool unfinished() const { return !text_.empty(); }

 private:
  bool take_line(std::string_view& octets);
  void take_literal(std::string_view& octets);
  bool begin_literal();
  [[nodiscard]] bool may_hold_literals() const;

  ImapLimits limits_;
  std::string text_;
  std::vector<ImapLiteral> literals_;
  std::uint64_t literal_left_ = 0;  ///< octets of literals_.back() still to come
  std::uint64_t keep_left_ = 0;     ///< of these, how many are kept
  std::uint64_t kept_ = 0;          ///< octets of this response's literals that are kept, or will be
};

/// RFC 9051 §9 date-time: `17-Jul-1996 02:44:25 -0700`. nullopt: it is none.
[[nodiscard]] std::optional<Time> parse_internal_date(std::string_view text);

}  // namespace ticketd
