#include "parsers/calendar_method.h"

#include "parsers/ascii.h"
#include "parsers/body_selection.h"

namespace ticketd {
namespace {

/// An iana-token or x-name (RFC 5545 §3.1) in upper case; empty when it is none.
std::string token(std::string_view text) {
  constexpr std::size_t longest = 32;
  std::string result;
  for (char c : trim(text)) {
    if (!is_letter(c) && !is_digit(c) && c != '-') return {};
    result += is_letter(c) ? static_cast<char>(to_lower(c) - ('a' - 'A')) : c;
  }
  return result.size() <= longest ? result : std::string();
}

/// The property of the calendar itself: it stands before the first event.
std::string method_property(std::string_view calendar) {
  while (!calendar.empty()) {
    const auto end = calendar.find('\n');
    const std::string_view line = trim(calendar.substr(0, end));
    if (starts_with_ignoring_case(line, "METHOD:")) return token(line.substr(line.find(':') + 1));
    if (starts_with_ignoring_case(line, "BEGIN:V") && !equals_ignoring_case(line, "BEGIN:VCALENDAR")) break;
    if (end == std::string_view::npos) break;
    calendar.remove_prefix(end + 1);
  }
  return {};
}

std::string method_of(const SplitMail& mail, std::size_t number) {
  constexpr std::size_t beginning = 4096;
  const MimePart& part = mail.parts[number];
  if (const std::string* method = part.type.octets("method"))
    if (std::string known = token(*method); !known.empty()) return known;
  return method_property(decode_transfer(part.body.substr(0, beginning), encoding(mail, number)));
}

}  // namespace

std::string calendar_method(const SplitMail& mail) {
  std::vector<bool> enclosed(mail.parts.size());
  for (std::size_t i = 0; i < mail.parts.size(); ++i) {
    const MimePart& part = mail.parts[i];
    if (part.parent) enclosed[i] = enclosed[*part.parent] || mail.parts[*part.parent].kind == PartKind::message;
    if (enclosed[i] || part.type.value != "text/calendar") continue;
    if (std::string method = method_of(mail, i); !method.empty()) return method;
  }
  return {};
}

}  // namespace ticketd
