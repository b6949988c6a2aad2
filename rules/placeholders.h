#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ticketd {

/// The lines of a text file: without their ends, which are LF or CRLF.
[[nodiscard]] std::vector<std::string_view> split_lines(std::string_view text);

/// What is wrong with a line in which placeholders are `{name}`, and `{{` and `}}` literal braces: "line 4: unknown
/// placeholder {foo}; allowed are …".
[[nodiscard]] std::vector<std::string> placeholder_errors(std::string_view line, std::size_t number,
                                                          const std::vector<std::string_view>& allowed);

/// The names of a line's placeholders, in their order.
[[nodiscard]] std::vector<std::string> placeholders_in(std::string_view line);

/// The line with a value for each of its placeholders. Values are inserted as they are, once: braces in them mean
/// nothing.
struct FilledLine {
  std::string text;
  bool holds_placeholder = false;
};
[[nodiscard]] FilledLine fill_line(std::string_view line, const std::function<std::string(std::string_view)>& value_of);

}  // namespace ticketd
