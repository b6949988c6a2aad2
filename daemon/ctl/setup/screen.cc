#include "daemon/ctl/setup/screen.h"

#include <fmt/format.h>

#include "daemon/ctl/table.h"

namespace ticketd {

std::size_t Screen::width() const {
  constexpr std::size_t kUsual = 80;
  const auto width = terminal_width(::fileno(file_));
  return width == 0 ? kUsual : width;
}

std::string Screen::fitted(std::string_view text) const { return folded(text, terminal_width(::fileno(file_))); }

void Screen::show(std::string_view text) const {
  fmt::print(file_, "{}", text);
  std::fflush(file_);
}

}  // namespace ticketd
