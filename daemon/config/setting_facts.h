#pragma once

#include <string>

#include "daemon/config/settings_table.h"

namespace ticketd {

/// What may stand there, whether it must, and (`with_default`) what counts without it: one sentence.
[[nodiscard]] std::string setting_facts(const SettingRow& row, bool with_default);

}  // namespace ticketd
