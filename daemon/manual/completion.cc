#include "daemon/manual/completion.h"

#include <fmt/format.h>

#include <map>

#include "daemon/manual/command_words.h"

namespace ticketd {
namespace {

/// By the words typed so far ("", "outbox", "outbox retry"), what may follow; and by option, what its value may be.
struct Words {
  std::map<std::string, std::string> next;
  std::map<std::string, std::string> values;  ///< by the option's spellings in a pattern: "-o|--output"
  std::string commands;                       ///< a pattern of all of them
  std::string with_files;                     ///< a pattern of those whose argument is a file
};

constexpr auto kFiles = "$(compgen -f -- \"$current\")";

void add_to(std::string& list, const std::string& between, const std::string& item) {
  list += (list.empty() ? "" : between) + item;
}

void collect_option(Words& words, const CLI::Option& option, std::string& next) {
  std::string pattern;
  for (const auto& name : spellings(option)) {
    add_to(pattern, "|", name);
    add_to(next, " ", name);
  }
  if (!takes_value(option)) return;
  const bool is_file = option.get_description().find("file") != std::string::npos;
  const auto values = fmt::format("{}", fmt::join(choices(option), " "));
  words.values[pattern] = is_file ? kFiles : fmt::format("$(compgen -W '{}' -- \"$current\")", values);
}

void collect(Words& words, const CLI::App& command, const std::string& path, const std::string& shared_options) {
  std::string next;
  for (const auto* inner : commands_of(command)) add_to(next, " ", inner->get_name());
  for (const auto* option : options_of(command)) collect_option(words, *option, next);
  for (const auto* argument : arguments_of(command))
    if (argument->get_name(true) == "FILE") add_to(words.with_files, "|", '\'' + path + '\'');
  add_to(next, " ", "--help");
  if (!path.empty()) {
    add_to(next, " ", shared_options);
    add_to(words.commands, "|", '\'' + path + '\'');
  }
  words.next[path] = next;
  for (const auto* inner : commands_of(command))
    collect(words, *inner, (path.empty() ? "" : path + ' ') + inner->get_name(), shared_options);
}

constexpr auto kStart = R"(# Bash completion of {0}, made of what the program declares.
_{0}() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}} command="" word next=""
  local IFS=$' \t\n'
  compopt -o filenames 2>/dev/null
  case $previous in
)";

constexpr auto kEnd = R"(  esac
  COMPREPLY=($(compgen -W "$next" -- "$current"))
}}
complete -F _{0} {0}
)";

}  // namespace

std::string bash_completion(const CLI::App& program) {
  std::string shared_options;
  for (const auto* option : options_of(program))
    if (option != program.get_version_ptr())
      for (const auto& name : spellings(*option)) add_to(shared_options, " ", name);
  Words words;
  collect(words, program, "", shared_options);

  std::string out = fmt::format(kStart, program.get_name());
  for (const auto& [pattern, values] : words.values)
    out += fmt::format("    {}) COMPREPLY=({}); return ;;\n", pattern, values);
  out += "  esac\n";
  if (!words.commands.empty())
    out += fmt::format(
        "  for word in \"${{COMP_WORDS[@]:1:COMP_CWORD - 1}}\"; do\n    case ${{command:+$command }}$word in\n"
        "      {}) command=${{command:+$command }}$word ;;\n    esac\n  done\n",
        words.commands);
  if (!words.with_files.empty())
    out += fmt::format("  case $command in {}) [[ $current == -* ]] || {{ COMPREPLY=({}); return; }} ;; esac\n",
                       words.with_files, kFiles);
  out += "  case $command in\n";
  for (const auto& [path, next] : words.next) out += fmt::format("    '{}') next='{}' ;;\n", path, next);
  return out + fmt::format(kEnd, program.get_name());
}

}  // namespace ticketd
