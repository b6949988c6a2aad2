#include "daemon/manual/command_words.h"

#include <algorithm>
#include <string_view>

namespace ticketd {
namespace {

std::vector<const CLI::Option*> chosen(const CLI::App& command, bool positional) {
  const auto* help = command.get_help_ptr();
  return command.get_options([=](const CLI::Option* option) {
    return option != help && option->get_positional() == positional && !option->get_group().empty();
  });
}

bool is_word(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= 'a' && c <= 'z'; });
}

}  // namespace

std::vector<const CLI::Option*> options_of(const CLI::App& command) { return chosen(command, false); }

std::vector<const CLI::Option*> arguments_of(const CLI::App& command) { return chosen(command, true); }

std::vector<const CLI::App*> commands_of(const CLI::App& program) {
  return program.get_subcommands([](const CLI::App* command) { return !command->get_group().empty(); });
}

std::vector<std::string> spellings(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const auto& name : option.get_snames()) names.push_back("-" + name);
  for (const auto& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

std::vector<std::string> choices(const CLI::Option& option) {
  constexpr std::string_view kLast = " or ";
  std::string list = option.get_description();
  const auto last = list.find(kLast);
  if (last == list.npos) return {};
  list.replace(last, kLast.size(), ", ");
  std::vector<std::string> words;
  for (std::string_view rest = list; !rest.empty();) {
    const auto end = std::min(rest.find(", "), rest.size());
    if (!is_word(rest.substr(0, end))) return {};
    words.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 2, rest.size()));
  }
  return words;
}

}  // namespace ticketd
