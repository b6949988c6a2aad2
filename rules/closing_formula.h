#pragma once

#include <string_view>

namespace ticketd {

/// Is that text nothing but "Best regards" and the name of its writer, with what may stand below the name? It says
/// nothing to anybody.
[[nodiscard]] bool is_closing(std::string_view text, std::string_view writer);

}  // namespace ticketd
