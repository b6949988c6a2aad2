#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "daemon/config/config_node.h"
#include "daemon/config/problems.h"

namespace ticketd {

/// Reads TOML (toml.io 1.0). What can't be read is told to `problems`, and an empty table comes back.
[[nodiscard]] ConfigNode parse_toml(std::string_view text, std::uint32_t file, Problems& problems);

/// FILE and the `*.toml` of the folder `conf.d` beside it, in name order, laid over each other.
[[nodiscard]] ConfigNode read_config_files(const std::filesystem::path& file, Problems& problems);
/// The same with `text` in place of what stands in FILE, if it is there at all.
[[nodiscard]] ConfigNode read_config_draft(std::string_view text, const std::filesystem::path& file,
                                           Problems& problems);

}  // namespace ticketd
