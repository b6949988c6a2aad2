#include "daemon/smtp/smtp_data.h"

namespace ticketd {

void SmtpDataEncoder::encode(std::string_view octets, std::string& wire) {
  std::size_t at = 0;
  while (at < octets.size()) {
    const bool completes_crlf = after_cr_ && octets[at] == '\n';
    after_cr_ = false;
    if (completes_crlf) {
      ++at;
      continue;
    }
    if (line_begins_ && octets[at] == '.') wire += '.';
    const std::size_t end = octets.find_first_of("\r\n", at);
    wire.append(octets, at, end == std::string_view::npos ? end : end - at);
    line_begins_ = end != std::string_view::npos;
    if (!line_begins_) return;
    wire += "\r\n";
    after_cr_ = octets[end] == '\r';
    at = end + 1;
  }
}

void SmtpDataEncoder::finish(std::string& wire) {
  wire += line_begins_ ? ".\r\n" : "\r\n.\r\n";
  *this = SmtpDataEncoder{};
}

}  // namespace ticketd
