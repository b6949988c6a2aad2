#include "rules/json_string.h"

#include "parsers/printable.h"

namespace ticketd {

/// What `printable_text` leaves needs no more escapes than these.
std::string json_string(std::string_view foreign) {
  std::string json = "\"";
  for (const char c : printable_text(foreign)) {
    if (c == '"' || c == '\\')
      json.append("\\").append(1, c);
    else if (c == '\n')
      json += "\\n";
    else if (c == '<')
      json += "\\u003c";
    else
      json += c;
  }
  return json + "\"";
}

}  // namespace ticketd
