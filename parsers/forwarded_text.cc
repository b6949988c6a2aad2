#include "parsers/forwarded_text.h"

#include <algorithm>
#include <optional>
#include <string>

#include "parsers/addresses.h"
#include "parsers/clean_text.h"
#include "parsers/reply_lines.h"
#include "parsers/reply_marks.h"
#include "parsers/reply_text.h"
#include "parsers/subject.h"

namespace ticketd {
namespace {

constexpr std::size_t kMostHeaders = 10;
constexpr std::size_t kMostAddresses = 50;
constexpr std::size_t kLongestField = 4096;
/// A header of two lines is one that prose can look like.
constexpr std::size_t kShortestHeader = 3;
constexpr std::size_t kFullHeader = 4;

bool begins_forward(const ReplyLines& lines, std::size_t line, bool says_subject) {
  if (lines.marked(line)) return is_forward_mark(without_marks(lines.at(line)));
  const QuoteMark mark = quote_mark(lines, line);
  return mark.kind == MarkKind::forward ||
         (says_subject && mark.kind == MarkKind::strong && mark.lines >= kShortestHeader);
}

/// Neither an answer's nor a forward's: somebody wrote it anew.
bool is_own_subject(std::string_view subject) {
  const auto line = one_line(subject);
  return base_subject(line, {}) == line;
}

/// Outlook's, above a mail that is passed on under another subject.
bool is_full_header(const ReplyLines& lines, std::size_t line) {
  if (lines.marked(line)) return false;
  const QuoteMark mark = quote_mark(lines, line);
  return mark.kind == MarkKind::strong && mark.lines >= kFullHeader;
}

/// `[mailto:jo@x.example]` as Outlook writes an address, `<jo@x.example<mailto:jo@x.example>>` as its plain text does.
std::string without_links(std::string_view value) {
  constexpr std::string_view bracket = "[mailto:", link = "<mailto:";
  std::string result;
  for (std::size_t at = 0; at < value.size();) {
    const std::string_view rest = value.substr(at);
    const bool bracketed = rest.starts_with(bracket);
    const auto end = bracketed ? rest.find(']') : rest.starts_with(link) ? rest.find('>') : std::string_view::npos;
    if (end == std::string_view::npos) {
      if (value[at] != '*') result += value[at];  // bold in plain text
      ++at;
      continue;
    }
    const auto open = std::ranges::count(result, '<') > std::ranges::count(result, '>');
    const auto address = rest.substr(bracket.size(), end - bracket.size());
    if (!open) result += '<' + std::string(address) + '>';
    at += end + 1;
  }
  return result;
}

bool has_address(const Mailbox& mailbox) { return mailbox.addr_spec.find('@') != std::string::npos; }

/// The field's addresses; mail programs wrap long ones.
std::vector<Mailbox> addresses_at(const ReplyLines& lines, std::size_t line, std::size_t end) {
  std::string value(lines.value(line));
  for (std::size_t next = line + 1; next < end && value.size() < kLongestField && lines.label(next) == FieldLabel::none;
       ++next) {
    value += ' ';
    value += lines.at(next);
  }
  auto mailboxes = parse_addresses(without_links(std::string_view(value).substr(0, kLongestField)), kMostAddresses);
  std::erase_if(mailboxes, [](const Mailbox& mailbox) { return !has_address(mailbox); });
  return mailboxes;
}

Mailbox sender_at(const ReplyLines& lines, std::size_t line, std::size_t end) {
  if (auto found = addresses_at(lines, line, end); !found.empty()) return std::move(found.front());
  return {one_line(without(lines.value(line), " *\"")), {}};
}

/// nullopt for one that names no sender.
std::optional<ForwardedHeader> read_header(const ReplyLines& lines, std::size_t start, std::size_t end) {
  ForwardedHeader header;
  for (std::size_t line = start; line < end; ++line) {
    const FieldLabel label = lines.label(line);
    if (label == FieldLabel::from && !has_address(header.from)) {
      header.from = sender_at(lines, line, end);
    } else if (label == FieldLabel::to && header.to.empty()) {
      header.to = addresses_at(lines, line, end);
    }
  }
  if (header.from == Mailbox{}) return std::nullopt;
  return header;
}

/// The lines from `first` on, without the marks that some programs put before all of a forwarded mail.
std::string unmarked_from(const ReplyLines& lines, std::size_t first) {
  std::string text;
  for (std::size_t line = first; line < lines.size(); ++line) {
    text += lines.marked(line) ? without_marks(lines.at(line)) : lines.raw(line);
    text += '\n';
  }
  return text;
}

std::vector<ForwardedHeader> headers_in(std::string_view text) {
  std::vector<ForwardedHeader> headers;
  const ReplyLines lines(text);
  for (std::size_t line = 0; line < lines.size() && headers.size() < kMostHeaders;) {
    const QuoteMark mark = quote_mark(lines, line);
    const bool is_header = mark.kind == MarkKind::forward || mark.kind == MarkKind::strong;
    const std::size_t end = line + (is_header ? mark.lines : 1);
    if (is_header)
      if (auto header = read_header(lines, line, end)) headers.push_back(std::move(*header));
    line = end;
  }
  return headers;
}

}  // namespace

ForwardedText find_forwarded(std::string_view text, std::string_view subject) {
  const ReplyLines lines(text);
  const bool says_subject = is_forward_subject(subject);
  for (std::size_t line = 0; line < lines.size(); ++line)
    if (begins_forward(lines, line, says_subject)) return {true, headers_in(unmarked_from(lines, line))};
  if (says_subject || !is_own_subject(subject)) return {};
  for (std::size_t line = 0; line < lines.size(); ++line)
    if (is_full_header(lines, line)) return {true, headers_in(unmarked_from(lines, line))};
  return {};
}

}  // namespace ticketd
