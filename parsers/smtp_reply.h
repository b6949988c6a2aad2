#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ticketd {

/// One reply of an SMTP server (RFC 5321 §4.2). The texts are printable UTF-8, one line each.
struct SmtpReply {
  int code = 0;                    ///< 200 to 559
  std::string enhanced;            ///< RFC 3463 status ("5.1.1") of the last line; empty when there is none
  std::vector<std::string> lines;  ///< without code, separator and line end; never empty

  [[nodiscard]] bool positive() const { return code / 100 == 2; }
  [[nodiscard]] bool intermediate() const { return code / 100 == 3; }
  [[nodiscard]] bool transient() const { return code / 100 == 4; }
  [[nodiscard]] bool permanent() const { return code / 100 == 5; }
};

/// "550 5.1.1 no such user" in one line, cut to `max_octets` (4 at least): what a person reads in the outbox.
[[nodiscard]] std::string to_string(const SmtpReply& reply, std::size_t max_octets = 300);

/// Reads replies from a stream in pieces of any size. Once malformed it stays so: the stream can't be trusted any more.
class SmtpReplyParser {
 public:
  static constexpr std::size_t kMaxLine = 2048;  ///< octets with line end; RFC 5321 §4.5.3.1.5 wants 512
  static constexpr std::size_t kMaxLines = 100;
  enum class State { reading, complete, malformed };

  /// Takes octets up to the end of one reply, and returns how many. Call `take` when `state` is complete, before more.
  std::size_t feed(std::string_view octets);
  [[nodiscard]] State state() const { return state_; }
  /// The complete reply; the parser is ready for the next one.
  [[nodiscard]] SmtpReply take();
  /// Nothing of a reply has been read.
  [[nodiscard]] bool idle() const { return state_ == State::reading && line_.empty() && reply_.lines.empty(); }
  /// What is wrong, when malformed.
  [[nodiscard]] const std::string& defect() const { return defect_; }

 private:
  void end_line();
  void fail(std::string defect);

  State state_ = State::reading;
  std::string line_;
  SmtpReply reply_;
  std::string defect_;
};

/// What a server offers (RFC 5321 §4.1.1.1), as far as a sender needs to know.
struct SmtpExtensions {
  bool pipelining = false;             ///< RFC 2920
  bool eight_bit_mime = false;         ///< RFC 6152
  bool smtp_utf8 = false;              ///< RFC 6531
  bool dsn = false;                    ///< RFC 3461
  bool enhanced_status_codes = false;  ///< RFC 2034
  bool size = false;                   ///< RFC 1870
  std::uint64_t max_size = 0;          ///< octets; 0: no fixed limit is announced
};
[[nodiscard]] SmtpExtensions parse_smtp_extensions(const SmtpReply& ehlo_reply);

}  // namespace ticketd
