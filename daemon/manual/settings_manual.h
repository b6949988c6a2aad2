#pragma once

#include <string>

namespace ticketd {

/// Every table and key of the configuration, for ticketd.toml(5): sections in man(7).
[[nodiscard]] std::string settings_manual();

}  // namespace ticketd
