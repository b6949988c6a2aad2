#include "daemon/ctl/setup/screen.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "daemon/ctl/table.h"

namespace ticketd {

std::size_t Screen::width() const {
  constexpr std::size_t kUsual = 80;
  winsize size{};
  return ::ioctl(::fileno(file_), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsual;
}

std::string Screen::fitted(std::string_view text) const {
  return ::isatty(::fileno(file_)) != 0 ? folded(text, width()) : std::string(text);
}

void Screen::show(std::string_view text) const {
  fmt::print(file_, "{}", text);
  std::fflush(file_);
}

}  // namespace ticketd
