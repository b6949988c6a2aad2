#include "parsers/header_block.h"

#include <algorithm>
#include <array>

#include "parsers/ascii.h"
#include "parsers/date.h"

namespace ticketd {
namespace {

constexpr std::size_t kLongestName = 256;
constexpr int kLookAheadLines = 200;
/// Each stands once in a header.
constexpr std::array<std::string_view, 7> kKnownFields{"From",         "Subject",      "Date",      "To",
                                                       "Content-Type", "MIME-Version", "Message-ID"};
/// Those of a part (RFC 2045 §3) alone.
constexpr unsigned kFieldsOfMails = 0b1001111;
constexpr unsigned kFromAndSubject = 0b11;
constexpr unsigned kDateAndTo = 0b1100;
/// Others, or how their names begin. A word that is a label in texts, too, such as Priority, Organization or Comments,
/// is none of them: nobody misses such a field, but the line of a text.
constexpr std::array<std::string_view, 24> kOtherFields{"X-",
                                                        "Content-",
                                                        "List-",
                                                        "Resent-",
                                                        "ARC-",
                                                        "DKIM-",
                                                        "DomainKey-",
                                                        "Authentication-",
                                                        "Received-",
                                                        "Thread-",
                                                        "Auto-",
                                                        "Envelope-",
                                                        "Original-",
                                                        "Old-",
                                                        "Return-Path",
                                                        "Delivered-To",
                                                        "Delivery-Date",
                                                        "In-Reply-To",
                                                        "Reply-To",
                                                        "User-Agent",
                                                        "Errors-To",
                                                        "Feedback-ID",
                                                        "Mailing-List",
                                                        "Disposition-Notification-To"};

/// The length of the field name at the start of a line (RFC 5322 §3.6.8, with §4.5's blanks before the colon); 0 when
/// the line is no field.
std::size_t name_length(std::string_view line) {
  std::size_t end = 0;
  while (end < line.size() && end < kLongestName && line[end] > ' ' && line[end] != 0x7F && line[end] != ':') ++end;
  std::size_t colon = end;
  while (colon < line.size() && colon < kLongestName && is_blank(line[colon])) ++colon;
  return colon < line.size() && line[colon] == ':' ? end : 0;
}

/// Which of kKnownFields the line is; their number when it is none.
std::size_t known_field(std::string_view line) {
  const std::string_view name = line.substr(0, name_length(line));
  const auto found = std::ranges::find_if(kKnownFields, [&](auto known) { return equals_ignoring_case(name, known); });
  return static_cast<std::size_t>(found - kKnownFields.begin());
}

bool is_other_field(std::string_view line) {
  const std::string_view name = line.substr(0, name_length(line));
  return std::ranges::any_of(kOtherFields, [&](auto other) {
    return other.ends_with('-') ? starts_with_ignoring_case(name, other) : equals_ignoring_case(name, other);
  });
}

/// `Date: as soon as you can` and `To: all of us` are lines of a text.
bool is_believable(std::string_view line) {
  const std::string_view name = line.substr(0, name_length(line));
  const std::string_view value = trim(line.substr(line.find(':') + 1));
  if (value.empty()) return true;
  if (equals_ignoring_case(name, "Date")) return parse_date(value).has_value();
  return !equals_ignoring_case(name, "To") || value.find_first_of("@:") != std::string_view::npos;
}

bool is_mbox_line(std::string_view line) {
  if (line.starts_with('>')) line.remove_prefix(1);
  return line.starts_with("From ") && name_length(line) == 0;
}

bool is_blank_line(std::string_view line) { return std::all_of(line.begin(), line.end(), is_space); }

class Reader {
 public:
  Reader(std::string_view octets, std::size_t at, bool outermost, bool cr_lines, const ParseLimits& limits,
         const std::function<bool(std::string_view)>& is_delimiter)
      : octets_(octets),
        at_(at),
        cr_lines_(cr_lines),
        limits_(limits),
        is_delimiter_(is_delimiter),
        seen_(outermost ? 0 : kFieldsOfMails) {}

  void skip_leading() {
    if (octets_.substr(at_).starts_with("\xEF\xBB\xBF")) at_ += 3;
    skip_blank_lines();
    if (at_ < octets_.size() && is_mbox_line(line())) {
      advance();
      skip_blank_lines();
    }
  }

  HeaderBlock read() {
    const std::size_t start = at_;
    while (at_ < octets_.size() && step()) {
    }
    close_field();
    block_.body = std::min(at_, octets_.size());
    block_.truncated = block_.truncated || block_.body - start > limits_.header_octets;
    return std::move(block_);
  }

 private:
  std::string_view line() const { return octets_.substr(at_, find_line_end(octets_, at_, cr_lines_).end - at_); }
  void advance() { at_ = find_line_end(octets_, at_, cr_lines_).next; }

  void skip_blank_lines() {
    while (at_ < octets_.size() && is_blank_line(line())) advance();
  }

  /// One line; false when the header is over.
  bool step() {
    const LineEnd end = find_line_end(octets_, at_, cr_lines_);
    const std::string_view text = octets_.substr(at_, end.end - at_);
    if (text.empty()) {
      at_ = end.next;
      return false;
    }
    if (is_delimiter_(text)) return false;
    if (is_blank(text.front())) return continuation(text, end.next);
    if (name_length(text) == 0) return garbage(end.next);
    open_field(text);
    at_ = end.next;
    return true;
  }

  /// A known field that the header does not have yet, nor is one of `others`.
  bool is_awaited(std::string_view text, unsigned others = 0) const {
    const std::size_t known = known_field(text);
    return known < kKnownFields.size() && ((seen_ | others) >> known & 1U) == 0 && is_believable(text);
  }

  /// A line of blanks continues a field (RFC 5322 §4.2) only if more of the header follows, and no text. Lines that are
  /// neither may stand between as long as the mail has no sender or subject.
  bool continuation(std::string_view text, std::size_t next) {
    at_ = next;
    if (is_blank_line(text))
      return field_goes_on() || header_goes_on(at_, (seen_ & kFromAndSubject) != kFromAndSubject);
    if (open_) append(text);
    return true;
  }

  /// What is behind `;` or `,`, or was not begun, has another line, and so has what an address or an id follows.
  bool field_goes_on() const {
    if (!open_ || at_ >= octets_.size()) return false;
    const std::string_view value = trim(block_.fields.back().value), following = line();
    const bool unfinished = value.empty() || value.ends_with(';') || value.ends_with(',');
    if (is_blank_line(following) || !is_blank(following.front())) return false;
    return unfinished || (trim(following).starts_with('<') && following.find('@') != std::string_view::npos);
  }

  /// No field and no continuation: skipped if the header goes on behind it, else the body starts here. What the header
  /// has already does not go on.
  bool garbage(std::size_t next) {
    block_.repaired = true;
    close_field();
    if (multipart_ && line().starts_with("--")) return false;  // its first delimiter, without a blank line
    if (!header_goes_on(next, true)) return false;
    at_ = next;
    return true;
  }

  /// Before the next empty line stands a field that the header does not have yet, or one of kOtherFields behind nothing
  /// but fields. With `past_text` the former counts behind whatever lines, but for a date or recipients, which a text
  /// may well name.
  bool header_goes_on(std::size_t from, bool past_text) {
    if (from <= header_until_) return true;
    bool all_fields = true;
    for (int lines = 0; lines < kLookAheadLines && from < octets_.size(); ++lines) {
      const LineEnd end = find_line_end(octets_, from, cr_lines_);
      const std::string_view text = octets_.substr(from, end.end - from);
      if (text.empty() || is_delimiter_(text)) return false;
      all_fields = all_fields && (is_blank(text.front()) || name_length(text) > 0);
      if (!all_fields && !past_text) return false;
      if (all_fields ? is_awaited(text) || is_other_field(text) : is_awaited(text, kDateAndTo)) {
        header_until_ = from;
        return true;
      }
      from = end.next;
    }
    return false;
  }

  void open_field(std::string_view text) {
    close_field();
    if (const auto known = known_field(text); known < kKnownFields.size()) seen_ |= 1U << known;
    if (block_.fields.size() >= limits_.fields || stored_ >= limits_.header_octets) {
      block_.truncated = true;
      return;
    }
    const std::size_t name = name_length(text);
    open_ = true;
    block_.fields.push_back({std::string(text.substr(0, name)), {}});
    append(text.substr(text.find(':', name) + 1));
  }

  void append(std::string_view text) {
    std::string& value = block_.fields.back().value;
    const std::size_t room = limits_.field_octets - std::min(limits_.field_octets, value.size());
    if (text.size() > room) block_.truncated = true;
    value += text.substr(0, room);
    stored_ += std::min(room, text.size());
  }

  void close_field() {
    if (open_) {
      std::string& value = block_.fields.back().value;
      value = std::string(trim(value));
      const bool type = equals_ignoring_case(block_.fields.back().name, "Content-Type");
      multipart_ = multipart_ || (type && starts_with_ignoring_case(value, "multipart/"));
    }
    open_ = false;
  }

  std::string_view octets_;
  std::size_t at_;
  bool cr_lines_;
  const ParseLimits& limits_;
  const std::function<bool(std::string_view)>& is_delimiter_;
  HeaderBlock block_;
  bool open_ = false;
  unsigned seen_;           ///< which of kKnownFields, or are not to be seen
  bool multipart_ = false;  ///< a Content-Type read so far says so
  std::size_t stored_ = 0;
  std::size_t header_until_ = 0;  ///< up to here at least
};

}  // namespace

bool lines_end_in_cr(std::string_view octets) {
  const std::size_t cr = octets.find_first_of("\r\n");
  if (cr == std::string_view::npos || octets[cr] == '\n') return false;
  const std::size_t other = octets.find_first_not_of('\r', cr);
  return other != std::string_view::npos && octets[other] != '\n';
}

LineEnd find_line_end(std::string_view octets, std::size_t at, bool cr_lines) {
  if (cr_lines) {
    const std::size_t end = std::min(octets.find_first_of("\r\n", at), octets.size());
    const bool crlf = octets.substr(end).starts_with("\r\n");
    return {end, std::min(end + (crlf ? 2 : 1), octets.size())};
  }
  const std::size_t feed = std::min(octets.find('\n', at), octets.size());
  std::size_t end = feed;
  for (int returns = 0; returns < 2 && end > at && octets[end - 1] == '\r'; ++returns) --end;
  return {end, std::min(feed + 1, octets.size())};
}

HeaderBlock read_header_block(std::string_view octets, std::size_t at, bool outermost, bool cr_lines,
                              const ParseLimits& limits, const std::function<bool(std::string_view)>& is_delimiter) {
  Reader reader(octets, at, outermost, cr_lines, limits, is_delimiter);
  if (outermost) reader.skip_leading();
  return reader.read();
}

}  // namespace ticketd
