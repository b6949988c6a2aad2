#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

/// What a declared command line consists of, in the words that people type.
namespace ticketd {

/// In the order of their declaration, without --help.
[[nodiscard]] std::vector<const CLI::Option*> options_of(const CLI::App& command);
[[nodiscard]] std::vector<const CLI::Option*> arguments_of(const CLI::App& command);
[[nodiscard]] std::vector<const CLI::App*> commands_of(const CLI::App& program);

/// {"-o", "--output"}
[[nodiscard]] std::vector<std::string> spellings(const CLI::Option& option);
[[nodiscard]] bool takes_value(const CLI::Option& option);
/// The words of an option that takes one of a few and says so: "urgent, high or normal"; else empty.
[[nodiscard]] std::vector<std::string> choices(const CLI::Option& option);

}  // namespace ticketd
