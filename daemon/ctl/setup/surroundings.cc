#include "daemon/ctl/setup/surroundings.h"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/config/draft.h"
#include "daemon/config/named_files.h"
#include "daemon/config/toml_file.h"
#include "daemon/ctl/session.h"
#include "daemon/ctl/setup/secret_names.h"
#include "parsers/printable.h"
#include "store/store.h"

namespace ticketd {
namespace {

/// Where something is not said yet, what any configuration beside it could have.
SetupAnswers filled(SetupAnswers answers) {
  if (answers.address.empty()) answers.address = "desk@setup.invalid";
  if (answers.mailbox.server.url.empty()) {
    answers.mailbox.name = "mailbox of setup";
    answers.mailbox.server.url = "imaps://setup.invalid";
    answers.mailbox.server.user = "setup";
    answers.mailbox.server.password_file = kImapPassword;
  }
  if (answers.smtp.url.empty()) {
    answers.smtp = answers.mailbox.server;
    answers.smtp.url = "smtp://setup.invalid";
  }
  if (answers.member.email.empty()) {
    answers.member.name = "Nobody of Setup";
    answers.member.email = "nobody@setup.invalid";
  }
  return answers;
}

ConfigNode read_conf_d(const std::string& file, Problems& problems) { return read_config_draft("", file, problems); }

/// What `text` names and the folder does not hold comes from elsewhere, and counts more than a file there.
std::vector<std::string> taken_files(const std::string& file, const std::string& text, const SetupAnswers& before,
                                     const SecretFolder& secrets) {
  Problems unheard;  // they are told elsewhere
  auto names = file_names_in(before.before);
  const auto add = [&names](std::vector<std::string> more) { names.insert(names.end(), more.begin(), more.end()); };
  add(file_names_in(read_conf_d(file, unheard)));
  auto replaced = file_names_in(parse_toml(text, unheard.add_file(file), unheard));
  std::erase_if(replaced, [&secrets](const std::string& name) {
    std::error_code error;
    return std::filesystem::exists(std::filesystem::path(secrets.path) / name, error);
  });
  add(std::move(replaced));
  return names;
}

/// In the words of `ticketd --check`, each a line.
std::string errors_of(const std::vector<ConfigProblem>& problems) {
  std::string errors;
  for (const auto& problem : problems)
    if (!problem.warning) errors += to_string(problem) + "\n";
  return errors;
}

void tell_overriding(const std::string& name, const ConfigNode& table, std::initializer_list<std::string_view> keys,
                     Problems& problems) {
  for (const auto& entry : table.entries)
    if (std::ranges::find(keys, entry.key) != keys.end())
      problems.error(entry.value.at, fmt::format("{}.{}: it would stand over the answer to setup", name, entry.key));
}

}  // namespace

Settings valid_or_fail(LoadedSettings loaded, std::string_view advice) {
  if (!loaded.settings) throw CommandFailure(kExitConfig, errors_of(loaded.problems) + std::string(advice));
  return std::move(*loaded.settings);
}

void require_nothing_over(const std::string& file, bool asks_for_store) {
  Problems problems;
  const auto root = read_conf_d(file, problems);
  if (problems.any_error()) return;  // whoever loads it tells them
  tell_overriding("support", root["support"], {"address", "name", "time_zone", "admins"}, problems);
  if (asks_for_store) tell_overriding("store", root["store"], {"path"}, problems);
  tell_overriding("smtp", root["smtp"],
                  {"url", "user", "password_file", "oauth2", "tls", "ca_file", "proxy", "client_certificate_file",
                   "client_key_file"},
                  problems);
  for (const char* array : {"mailbox", "staff"})
    if (const auto& node = root[array]; !node.absent() && !node.is_array_of_tables())
      problems.error(node.at, fmt::format("{}: it would stand over the answers to setup", array));
  if (problems.any_error())
    throw CommandFailure(kExitConfig, errors_of(problems.sorted()) +
                                          "Nothing was written. What setup asks for, and tries servers with, must "
                                          "stand in the file that it writes, and nowhere in conf.d.");
}

TakenNames taken_beside(const std::string& file, const std::string& text, const SetupAnswers& before,
                        const SecretFolder& secrets) {
  const auto settings = valid_or_fail(load_draft(render_configuration(filled(before)), file), kCountsAsWell);
  TakenNames taken;
  taken.files = taken_files(file, text, before, secrets);
  for (std::size_t i = 1; i < settings.mailboxes.size(); ++i) taken.mailboxes.push_back(settings.mailboxes[i].name);
  for (std::size_t i = 1; i < settings.ruleset.staff.size(); ++i) {
    taken.people.push_back(settings.ruleset.staff[i].name);
    taken.emails.push_back(settings.ruleset.staff[i].email);
    taken.logins.push_back(settings.ruleset.staff[i].login);
  }
  return taken;
}

std::vector<std::string> secrets_left_behind(const std::string& old_text, const std::string& text,
                                             const std::string& file, const SecretFolder& secrets) {
  Problems unheard;
  const auto old_names = secret_files_in(parse_toml(old_text, unheard.add_file(file), unheard), secrets);
  const auto named = secret_files_in(read_config_draft(text, file, unheard), secrets);
  std::vector<std::string> left;
  std::error_code error;
  for (const auto& path : old_names) {
    const bool is_named = std::ranges::find(named, path) != named.end();
    if (!is_named && std::ranges::find(left, path) == left.end() && std::filesystem::is_regular_file(path, error))
      left.push_back(path);
  }
  return left;
}

std::string store_of(std::string_view text, const std::string& file) {
  const auto settings = load_draft(text, file).settings;
  return settings ? settings->store_path.string() : std::string();
}

bool has_begun(const std::string& store, const SetupAnswers& before, const MailboxSettings& mailbox) {
  std::error_code error;
  if (mailbox.folder != before.mailbox.folder || !std::filesystem::exists(store, error)) return false;
  Store::Options options;
  options.read_only = true;
  options.recovers = false;
  try {
    return std::ranges::any_of(Store(store, options).mailbox_health(),
                               [&](const MailboxHealth& each) { return each.name == mailbox.name; });
  } catch (const StoreError&) {
    return false;
  }
}

void tell_unreadable_files(Interview& interview, const Settings& settings, const std::filesystem::path& folder,
                           const FileReader& daemon) {
  for (const auto& [file, whom] : named_files(settings, folder)) {
    auto why = hindrance_to(daemon, file, whom);
    if (why.empty()) why = likely_hindrance_to(daemon, file, whom);
    if (!why.empty()) interview.say(warning_of(file, why) + "\n");
  }
}

}  // namespace ticketd
