#include "daemon/ctl/invocation.h"

#include <fmt/format.h>

#include "parsers/printable.h"

namespace ticketd {

CLI::Validator as_number(const char* what) {
  const auto check = [what](std::string& text) -> std::string {
    constexpr std::size_t kMostDigits = 18;
    const auto digits = std::string_view(text).substr(text.starts_with('#') ? 1 : 0);
    const bool is_number = digits.size() <= kMostDigits && digits.find_first_not_of("0123456789") == digits.npos &&
                           digits.find_first_not_of('0') != digits.npos;
    if (!is_number) return fmt::format("'{}' is no {}", printable_line(text), what);
    text = digits.substr(digits.find_first_not_of('0'));  // a leading zero would make it octal
    return {};
  };
  return CLI::Validator(check, "");
}

void add_number(CLI::App* command, Invocation& invocation) {
  command->add_option("N", invocation.number, "the ticket's number")->required()->transform(as_number("ticket number"));
}

void add_id(CLI::App* command, Invocation& invocation, const char* help) {
  command->add_option("ID", invocation.id, help)->required()->transform(as_number("id"));
}

void add_message(CLI::App* command, Invocation& invocation) {
  command->add_option("--message", invocation.message, "the text; '-' or absent: from standard input");
}

}  // namespace ticketd
