#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/file_reader.h"
#include "daemon/config/settings.h"

namespace ticketd {

/// The certificates and keys that the configuration names, and for whom a copy of each may be: a key is the daemon's,
/// whatever else its file is named for. `folder`: of the configuration.
[[nodiscard]] std::map<std::string, FileFor> named_files(const Settings& settings, const std::filesystem::path& folder);

/// How it is told that one of them can't be read.
[[nodiscard]] std::string warning_of(const std::string& file, std::string_view why);

/// Those that `reader` is sure to be kept from, each a line.
[[nodiscard]] std::vector<std::string> unreadable_files(const Settings& settings, const std::filesystem::path& folder,
                                                        const FileReader& reader);
/// Of the configuration in that file, whoever runs with it.
[[nodiscard]] std::vector<std::string> unreadable_files(const Settings& settings, const std::string& config_file);

}  // namespace ticketd
