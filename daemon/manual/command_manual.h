#pragma once

#include <CLI/CLI.hpp>
#include <string>

/// Pieces of manual pages (man(7)) made of what a program declares of its own command line.
namespace ticketd {

/// A list of the program's options.
[[nodiscard]] std::string options_manual(const CLI::App& program);
/// A list of its commands, each with its own commands, arguments and options.
[[nodiscard]] std::string commands_manual(const CLI::App& program);
/// A list of its exit codes, as the footer of its help tells them: "Exit codes: 0 done; 64 …".
[[nodiscard]] std::string exit_codes_manual(const CLI::App& program);

}  // namespace ticketd
