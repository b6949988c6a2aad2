#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace ticketd {

/// Where setup tells what is going on: a terminal, or what stands in its place.
class Screen {
 public:
  explicit Screen(std::FILE* file) : file_(file) {}
  /// In columns; 80 where nobody knows. Somebody may change it at any time.
  [[nodiscard]] std::size_t width() const;
  /// Folded to the width of a terminal; a file or a pipe gets it as it is.
  [[nodiscard]] std::string fitted(std::string_view text) const;
  void say(std::string_view text) const { show(fitted(text)); }
  /// Lines that stay as they are.
  void show(std::string_view text) const;

 private:
  std::FILE* file_;
};

}  // namespace ticketd
