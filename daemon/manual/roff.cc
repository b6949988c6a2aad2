#include "daemon/manual/roff.h"

namespace ticketd::roff {
namespace {

std::string escaped_octet(char octet, bool is_typed) {
  switch (octet) {
    case '\\':
      return "\\e";
    case '\'':
      return "\\(aq";
    case '`':
      return "\\(ga";
    case '^':
      return "\\(ha";
    case '~':
      return "\\(ti";
    case '\n':
      return " ";
    case '-':
      return is_typed ? "\\-" : "-";
    default:
      return std::string(1, octet);
  }
}

std::string escaped_text(std::string_view text, bool is_typed) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_option = text.substr(i).starts_with("--") || (i > 0 && text.substr(i - 1).starts_with("--"));
    out += escaped_octet(text[i], is_typed || is_option);
  }
  return out;
}

}  // namespace

std::string escaped(std::string_view text) { return escaped_text(text, false); }

std::string typed(std::string_view text) { return escaped_text(text, true); }

std::string text_line(std::string_view text) {
  const bool is_request = text.starts_with('.') || text.starts_with('\'');
  return (is_request ? "\\&" : "") + escaped(text) + '\n';
}

}  // namespace ticketd::roff
