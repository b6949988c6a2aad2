#pragma once

#include <string>

namespace ticketd {

/// The name of the user who calls, or his number where he has none; behind sudo: of who called sudo.
[[nodiscard]] std::string calling_user();

}  // namespace ticketd
