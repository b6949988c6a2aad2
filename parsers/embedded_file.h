#pragma once

#include <string_view>
#include <vector>

namespace ticketd {

/// A text file that the build put into the program (migrations, templates): its name below its folder, and its text.
struct EmbeddedFile {
  std::string_view name;
  std::string_view text;
};

}  // namespace ticketd
