#include <cstdlib>

#include <fmt/format.h>

#include "daemon/config/checks.h"
#include "daemon/config/draft.h"
#include "daemon/config/sections.h"
#include "daemon/config/settings.h"
#include "daemon/config/template_files.h"
#include "daemon/config/toml_file.h"

namespace ticketd {
namespace {

// systemd.exec(5): several directories are separated by colons.
std::filesystem::path state_directory() {
  const char* set = std::getenv("STATE_DIRECTORY");
  const std::string_view directories = set ? set : "";
  if (directories.empty()) return "/var/lib/ticketd";
  return directories.substr(0, directories.find(':'));
}

void fill_gaps(Settings& settings) {
  Support& support = settings.ruleset.support;
  if (support.name.empty()) support.name = support.address;
  auto& rules = settings.ruleset.mail_rules;
  for (std::size_t i = 0; i < rules.size(); ++i)
    if (rules[i].name.empty()) rules[i].name = fmt::format("rule {}", i + 1);
  if (settings.store_path.empty()) settings.store_path = state_directory() / "tickets.db";
}

LoadedSettings load(const ConfigNode& root, const std::filesystem::path& file, SecretFiles secrets,
                    Problems& problems) {
  Settings settings;
  const bool sets_nothing = root.entries.empty() && !problems.any_error();
  const std::filesystem::path base = std::filesystem::absolute(file).parent_path();
  read_section(root_section(), settings, root, {problems, "", base});
  if (sets_nothing)
    problems.error(root.at, "nothing is set yet: ticketctl setup asks for what a desk needs, and writes it");
  check_settings(root, base, problems);
  if (secrets == SecretFiles::checked) check_secrets(root, problems);
  settings.templates = read_templates(settings.template_directory, root, problems);
  check_languages(settings.templates, settings.ruleset.language, root, problems);
  fill_gaps(settings);
  LoadedSettings loaded{std::nullopt, problems.sorted()};
  if (!problems.any_error()) loaded.settings = std::move(settings);
  return loaded;
}

}  // namespace

LoadedSettings load_settings(const std::filesystem::path& file, SecretFiles secrets) {
  Problems problems;
  return load(read_config_files(file, problems), file, secrets, problems);
}

LoadedSettings load_draft(std::string_view text, const std::filesystem::path& file) {
  Problems problems;
  return load(read_config_draft(text, file, problems), file, SecretFiles::left_alone, problems);
}

}  // namespace ticketd
