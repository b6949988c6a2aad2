#pragma once

#include <filesystem>
#include <string>

#include "daemon/config/config_node.h"
#include "daemon/config/problems.h"
#include "rules/templates.h"

namespace ticketd {

/// The texts of mails: the built-in ones, and in place of them those of the directory (empty: none) and of its folders
/// of languages. What is wrong with a file is told, and the file left out.
[[nodiscard]] Templates read_templates(const std::filesystem::path& directory, const ConfigNode& root,
                                       Problems& problems);

/// Tells languages that are asked for, and that no mail is written in. `desk_language`: templates.language.
void check_languages(const Templates& templates, const std::string& desk_language, const ConfigNode& root,
                     Problems& problems);

}  // namespace ticketd
