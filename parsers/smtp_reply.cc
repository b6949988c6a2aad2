#include "parsers/smtp_reply.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "parsers/ascii.h"
#include "parsers/printable.h"

namespace ticketd {

namespace {

constexpr std::string_view kEllipsis = "...";

/// RFC 5321 §4.2: the first digit is 2 to 5, the second 0 to 5. 0: not a code.
int reply_code(std::string_view line) {
  if (line.size() < 3 || line[0] < '2' || line[0] > '5' || line[1] < '0' || line[1] > '5' || !is_digit(line[2]))
    return 0;
  return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

std::size_t digits_at(std::string_view text, std::size_t from) {
  std::size_t end = from;
  while (end < text.size() && is_digit(text[end])) ++end;
  return end - from;
}

/// RFC 3463 §2: class "." subject "." detail, with the class of the reply code; empty when `text` does not begin so.
std::string enhanced_status(std::string_view text, int code) {
  if (text.size() < 5 || text[0] != static_cast<char>('0' + code / 100) || text[1] != '.') return {};
  const std::size_t subject = digits_at(text, 2);
  const std::size_t dot = 2 + subject;
  if (subject < 1 || subject > 3 || dot >= text.size() || text[dot] != '.') return {};
  const std::size_t detail = digits_at(text, dot + 1);
  const std::size_t end = dot + 1 + detail;
  if (detail < 1 || detail > 3 || (end < text.size() && text[end] != ' ')) return {};
  return std::string(text.substr(0, end));
}

void read_extension(SmtpExtensions& extensions, std::string_view line) {
  const auto space = std::min(line.find(' '), line.size());
  const auto offers = [&](std::string_view keyword) { return equals_ignoring_case(line.substr(0, space), keyword); };
  if (offers("PIPELINING")) extensions.pipelining = true;
  if (offers("8BITMIME")) extensions.eight_bit_mime = true;
  if (offers("SMTPUTF8")) extensions.smtp_utf8 = true;
  if (offers("DSN")) extensions.dsn = true;
  if (offers("ENHANCEDSTATUSCODES")) extensions.enhanced_status_codes = true;
  if (!offers("SIZE")) return;
  extensions.size = true;
  const auto value = line.substr(std::min(space + 1, line.size()));
  std::uint64_t octets = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), octets);
  if (error == std::errc{} && end == value.data() + value.size()) extensions.max_size = octets;
}

}  // namespace

std::string to_string(const SmtpReply& reply, std::size_t max_octets) {
  std::string text = std::to_string(reply.code);
  for (const auto& line : reply.lines)
    if (!line.empty()) text.append(" ").append(line);
  if (text.size() <= max_octets) return text;
  std::size_t end = max_octets - std::min(kEllipsis.size(), max_octets);
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // not within a character
  text.replace(end, std::string::npos, kEllipsis);
  return text;
}

std::size_t SmtpReplyParser::feed(std::string_view octets) {
  std::size_t used = 0;
  while (used < octets.size() && state_ == State::reading) {
    const auto end = octets.find('\n', used);
    const auto count = (end == std::string_view::npos ? octets.size() : end + 1) - used;
    if (line_.size() + count > kMaxLine) {
      fail("a line of the reply is longer than 2048 octets");
      break;
    }
    line_.append(octets, used, count);
    used += count;
    if (line_.back() == '\n') end_line();
  }
  return used;
}

void SmtpReplyParser::end_line() {
  line_.pop_back();
  if (!line_.empty() && line_.back() == '\r') line_.pop_back();
  const int code = reply_code(line_);
  const bool separated = line_.size() == 3 || (line_.size() > 3 && (line_[3] == ' ' || line_[3] == '-'));
  if (code == 0 || !separated)
    return fail("not a reply of SMTP: " + printable_line(std::string_view(line_).substr(0, 80)));
  if (!reply_.lines.empty() && code != reply_.code) return fail("the code changes within a reply");
  if (reply_.lines.size() == kMaxLines) return fail("the reply has more than 100 lines");
  const bool last = line_.size() == 3 || line_[3] == ' ';
  reply_.code = code;
  reply_.lines.push_back(printable_line(std::string_view(line_).substr(std::min<std::size_t>(4, line_.size()))));
  line_.clear();
  if (!last) return;
  reply_.enhanced = enhanced_status(reply_.lines.back(), code);
  state_ = State::complete;
}

void SmtpReplyParser::fail(std::string defect) {
  state_ = State::malformed;
  defect_ = std::move(defect);
}

SmtpReply SmtpReplyParser::take() {
  state_ = State::reading;
  return std::exchange(reply_, {});
}

SmtpExtensions parse_smtp_extensions(const SmtpReply& ehlo_reply) {
  SmtpExtensions extensions;
  if (ehlo_reply.code != 250) return extensions;
  for (std::size_t i = 1; i < ehlo_reply.lines.size(); ++i) read_extension(extensions, ehlo_reply.lines[i]);
  return extensions;
}

}  // namespace ticketd
