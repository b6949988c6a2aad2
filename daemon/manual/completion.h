#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace ticketd {

/// The script by which bash completes that program's commands, options and the words that an option takes.
[[nodiscard]] std::string bash_completion(const CLI::App& program);

}  // namespace ticketd
