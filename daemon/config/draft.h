#pragma once

#include <filesystem>
#include <string_view>

#include "daemon/config/settings.h"

namespace ticketd {

/// What `load_settings` would say of FILE if `text` stood in it, with the `conf.d` beside it. The files of secrets may
/// not be there yet, so they are left alone.
[[nodiscard]] LoadedSettings load_draft(std::string_view text, const std::filesystem::path& file);

}  // namespace ticketd
