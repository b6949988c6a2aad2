#include "daemon/manual/command_manual.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "daemon/manual/command_words.h"
#include "daemon/manual/roff.h"

namespace ticketd {
namespace {

constexpr std::string_view kExitCodes = "Exit codes: ";

/// What stands for an option's value: --since → SINCE.
std::string value_name(const CLI::Option& option) {
  std::string name = option.get_lnames().empty() ? "value" : option.get_lnames().front();
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return c == '-' ? '_' : std::toupper(c); });
  return name;
}

std::string option_tag(const CLI::Option& option) {
  std::string names;
  for (const auto& name : spellings(option)) names += (names.empty() ? "\\fB" : "\\fR, \\fB") + roff::typed(name);
  return names + "\\fR" + (takes_value(option) ? " \\fI" + roff::escaped(value_name(option)) + "\\fR" : "");
}

std::string described(const CLI::Option& option) {
  std::string text = option.get_description();
  if (option.get_required() && !option.get_positional()) text += "; required";
  if (takes_value(option) && !option.get_default_str().empty()) text += "; default " + option.get_default_str();
  return roff::text_line(text);
}

std::string optional_unless(bool required, const std::string& tag) { return required ? ' ' + tag : " [" + tag + ']'; }

std::string argument_tag(const CLI::Option& argument) {
  return "\\fI" + roff::escaped(argument.get_name(true)) + "\\fR";
}

/// The usage line of a command: its name, arguments and options.
std::string command_tag(const CLI::App& command, const std::string& name) {
  std::string tag = ".TP\n\\fB" + roff::typed(name) + "\\fR";
  for (const auto* argument : arguments_of(command))
    tag += optional_unless(argument->get_required(), argument_tag(*argument));
  for (const auto* option : options_of(command)) tag += optional_unless(option->get_required(), option_tag(*option));
  return tag + '\n';
}

std::string details(const CLI::App& command) {
  std::string list;
  for (const auto* argument : arguments_of(command))
    list += fmt::format(".TP\n{}\n{}", argument_tag(*argument), described(*argument));
  for (const auto* option : options_of(command))
    list += fmt::format(".TP\n{}\n{}", option_tag(*option), described(*option));
  return list.empty() ? list : ".RS\n" + list + ".RE\n";
}

std::string command_entry(const CLI::App& command, const std::string& before) {
  const std::string name = before + command.get_name();
  std::string out = command_tag(command, name) + roff::text_line(command.get_description()) + details(command);
  const auto footer = command.get_footer();
  const bool is_inherited = footer.starts_with(kExitCodes);  // the program's own
  if (!footer.empty() && !is_inherited) out += ".IP\n" + roff::text_line(footer);
  for (const auto* inner : commands_of(command)) out += command_entry(*inner, name + ' ');
  return out;
}

}  // namespace

std::string options_manual(const CLI::App& program) {
  std::string out;
  for (const auto* option : options_of(program))
    out += fmt::format(".TP\n{}\n{}", option_tag(*option), described(*option));
  return out;
}

std::string commands_manual(const CLI::App& program) {
  std::string out;
  for (const auto* command : commands_of(program)) out += command_entry(*command, "");
  return out;
}

std::string exit_codes_manual(const CLI::App& program) {
  const std::string footer = program.get_footer();
  std::string_view rest = footer;
  if (!rest.starts_with(kExitCodes)) return {};
  rest.remove_prefix(kExitCodes.size());
  std::string out;
  while (!rest.empty()) {
    const auto end = std::min(rest.find(';'), rest.size());
    const auto item = rest.substr(0, end);
    const auto blank = std::min(item.find(' '), item.size() - 1);
    auto meaning = item.substr(blank + 1);
    if (meaning.ends_with('.')) meaning.remove_suffix(1);
    out += fmt::format(".TP\n.B {}\n{}", item.substr(0, blank), roff::text_line(meaning));
    rest.remove_prefix(std::min(rest.find_first_of("0123456789", end), rest.size()));
  }
  return out;
}

}  // namespace ticketd
