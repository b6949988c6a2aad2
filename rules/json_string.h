#pragma once

#include <string>
#include <string_view>

namespace ticketd {

/// A foreign text as a string of JSON (RFC 8259 §7), made printable; it may even stand in a script.
[[nodiscard]] std::string json_string(std::string_view foreign);

}  // namespace ticketd
