#pragma once

#include <string>
#include <string_view>

namespace ticketd {

/// Makes of a mail what goes over the wire after DATA (RFC 5321 §4.5.2): every line end is CRLF, whether it was CR, LF
/// or CRLF (no bare CR or LF ever leaves, so that no server can see the end of the mail inside it), lines that begin
/// with a dot get another one, and the whole ends with CRLF "." CRLF. One linear pass, in pieces of any size.
class SmtpDataEncoder {
 public:
  /// Appends to `wire`.
  void encode(std::string_view octets, std::string& wire);
  /// Ends the last line when it is open, and appends the lone dot.
  void finish(std::string& wire);

 private:
  bool line_begins_ = true;
  bool after_cr_ = false;  ///< the line has been ended already by a CR that may have an LF
};

}  // namespace ticketd
