#pragma once

#include <string_view>

namespace ticketd {

/// Does the text begin like what a mail program answers while its owner is away? Such an answer may carry no field that
/// tells.
[[nodiscard]] bool is_absence_note(std::string_view text);

}  // namespace ticketd
