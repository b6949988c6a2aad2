#include "parsers/free_form_report.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "parsers/ascii.h"
#include "parsers/message_ids.h"
#include "parsers/printable.h"

namespace ticketd {
namespace {

constexpr std::size_t kLines = 300;
constexpr std::size_t kLongestLine = 1000;
/// So many lines behind an address its reason may stand.
constexpr std::size_t kReach = 6;

/// The first line, which is taken off the text; of a long one the beginning.
std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  const auto line = text.substr(0, std::min(end, kLongestLine));
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return line;
}

std::vector<std::string_view> lines_of(std::string_view text, std::size_t limit) {
  std::vector<std::string_view> lines;
  while (!text.empty() && lines.size() < limit) lines.push_back(trim(take_line(text)));
  return lines;
}

/// The returned mail's own header: what follows names addresses that did not fail.
bool starts_returned_mail(std::string_view line) {
  for (const auto* field : {"Received:", "Message-ID:", "Return-Path:", "DKIM-Signature:", "MIME-Version:"})
    if (starts_with_ignoring_case(line, field)) return true;
  return false;
}

/// A line without its indentation and the marks of a quote.
std::string_view behind_marks(std::string_view line) {
  while (!line.empty() && (is_space(line.front()) || line.front() == '>' || line.front() == '|')) line.remove_prefix(1);
  return line;
}

/// Does the text go on with the folded rest of a field behind such marks (RFC 5322 §2.2.3)?
bool is_folded(std::string_view text, std::string_view marks) {
  return text.starts_with(marks) && text.size() > marks.size() && is_blank(text[marks.size()]);
}

bool is_address_character(char c) {
  return is_letter(c) || is_digit(c) || is_8bit(c) ||
         std::string_view("!#$%&'*+-/=?^_`{|}~.").find(c) != std::string_view::npos;
}

/// The addresses in a line, as they stand there.
std::vector<std::string> addresses_in(std::string_view line) {
  std::vector<std::string> found;
  for (auto at = line.find('@'); at != line.npos; at = line.find('@', at + 1)) {
    auto begin = at, end = at + 1;
    while (begin > 0 && is_address_character(line[begin - 1])) --begin;
    while (end < line.size() &&
           (is_letter(line[end]) || is_digit(line[end]) || is_8bit(line[end]) || line[end] == '-' || line[end] == '.'))
      ++end;
    while (end > at + 1 && line[end - 1] == '.') --end;
    if (begin < at && end > at + 1) found.push_back(printable_line(line.substr(begin, end - begin)));
  }
  return found;
}

bool stands_alone(std::string_view line, std::size_t at, std::size_t size) {
  const auto is_part = [](char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '-'; };
  return (at == 0 || !is_part(line[at - 1])) &&
         (at + size == line.size() || !is_part(line[at + size]) || line[at + size] == '-' || line[at + size] == '.');
}

/// "550" or "550-…": a reply code of RFC 5321 §4.2 that tells of a failure.
bool has_reply_code(std::string_view line, std::string_view kinds = "45") {
  for (std::size_t at = 0; at + 3 <= line.size(); ++at) {
    const bool is_code =
        kinds.find(line[at]) != kinds.npos && line[at + 1] >= '0' && line[at + 1] <= '5' && is_digit(line[at + 2]);
    if (is_code && stands_alone(line, at, 3)) return true;
  }
  return false;
}

std::string_view status_in(std::string_view line) {
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (!is_digit(line[at]) || !stands_alone(line, at, 1)) continue;
    if (const auto code = leading_status_code(line.substr(at)); !code.empty()) return code;
  }
  return {};
}

bool names_failure(std::string_view line) {
  const auto lowered = to_lower(line);
  for (const auto* words : {"unknown", "not found", "no such", "does not exist", "doesn't exist", "not exist",
                            "invalid", "disabled", "rejected", "quota", "mailbox full", "not listed"})
    if (lowered.find(words) != lowered.npos) return true;
  return false;
}

/// The line that says why, from `from` on; one with a code before one with words.
std::optional<std::size_t> reason_from(const std::vector<std::string_view>& lines, std::size_t from) {
  const auto end = std::min(lines.size(), from + kReach);
  for (auto i = from; i < end; ++i)
    if (has_reply_code(lines[i]) || !status_in(lines[i]).empty()) return i;
  for (auto i = from; i < end; ++i)
    if (names_failure(lines[i])) return i;
  return std::nullopt;
}

bool is_known(const std::vector<DeliveryStatus>& found, std::string_view address) {
  return std::ranges::any_of(found,
                             [&](const auto& status) { return equals_ignoring_case(status.final_recipient, address); });
}

}  // namespace

std::vector<DeliveryStatus> read_free_form_report(std::string_view text) {
  std::vector<DeliveryStatus> found;
  auto lines = lines_of(text, kLines);
  lines.erase(std::ranges::find_if(lines, starts_returned_mail), lines.end());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (auto& address : addresses_in(lines[i])) {
      if (found.size() >= kMostDeliveryStatuses) return found;
      if (is_known(found, address)) continue;
      DeliveryStatus status;
      status.final_recipient = std::move(address);
      if (const auto reason = reason_from(lines, i)) {
        status.diagnostic = squeeze(printable_line(lines[*reason].substr(0, 500)));
        status.status = status_in(lines[*reason]);
      }
      found.push_back(std::move(status));
    }
  }
  return found;
}

std::string_view find_refusal(std::string_view text) {
  for (const auto line : lines_of(text, kLines)) {
    if (starts_returned_mail(line)) break;
    if (has_reply_code(line, "5") || status_in(line).starts_with('5')) return line;
  }
  return {};
}

std::vector<std::string> message_ids_in_text(std::string_view text, std::size_t limit) {
  constexpr std::string_view kField = "message-id:";
  std::vector<std::string> ids;
  while (!text.empty() && ids.size() < limit) {
    const auto line = take_line(text);
    const auto value = behind_marks(line);
    if (!starts_with_ignoring_case(value, kField)) continue;
    const auto marks = line.substr(0, line.size() - value.size());
    auto found = parse_message_ids(value.substr(kField.size()), 1);
    while (found.empty() && is_folded(text, marks)) found = parse_message_ids(behind_marks(take_line(text)), 1);
    std::ranges::move(found, std::back_inserter(ids));
  }
  return ids;
}

}  // namespace ticketd
