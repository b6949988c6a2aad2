#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace ticketd {

/// The server's octets are no IMAP response, or one beyond a limit. The stream can't be trusted any more.
class ImapSyntaxError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// RFC 9051 §4.3. `octets` may be only the first part of it: `size` is what the server announced.
struct ImapLiteral {
  std::uint64_t size = 0;
  std::string octets;
};

/// Reads the text of one response, in which each literal is its `{n}` CR LF, with the literals' octets beside it.
/// Every function throws ImapSyntaxError when something else stands there.
class ImapTokens {
 public:
  ImapTokens(std::string_view text, std::span<ImapLiteral> literals) : text_(text), literals_(literals) {}

  [[nodiscard]] bool at_end() const { return text_.empty(); }
  [[nodiscard]] bool next_is(char c) const { return text_.starts_with(c); }
  [[nodiscard]] std::string_view rest() const { return text_; }
  bool take(char c);
  void expect(char c);
  /// Up to the next space, parenthesis, quote, brace or end; never empty.
  std::string_view word();
  /// A word to which a whole `[section]` belongs: `BODY[HEADER.FIELDS (TO CC)]` (RFC 9051 §7.5.2).
  std::string_view item_name();
  [[nodiscard]] std::uint64_t number(std::uint64_t max);
  /// A quoted string or a literal. A literal's octets are moved out.
  ImapLiteral string();
  /// The word NIL stands here; takes it.
  bool take_nil();
  /// Skips one value, whatever it is: word, string, or a parenthesized list of any depth.
  void skip_value();

 private:
  ImapLiteral quoted();
  ImapLiteral literal();
  std::string_view take_front(std::size_t count);
  void skip_simple();

  std::string_view text_;
  std::span<ImapLiteral> literals_;
};

/// The announcement `{n}` or `~{n}` at the end of a line (without its CR LF): where its `{` is, or npos.
[[nodiscard]] std::size_t find_literal_announcement(std::string_view line);

}  // namespace ticketd
