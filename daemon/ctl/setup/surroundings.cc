#include "daemon/ctl/setup/surroundings.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "daemon/config/draft.h"
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

/// Files that somebody else reads as well.
TakenNames taken_files(const std::string& file, const SetupAnswers& before) {
  TakenNames taken;
  taken.files = file_names_in(before.before, false);
  Problems unheard;  // they are told elsewhere
  for (auto& name : file_names_in(read_config_draft("", file, unheard), true)) taken.files.push_back(std::move(name));
  return taken;
}

/// The files that the configuration names, and for whom a copy of each may be: a key is the daemon's, whatever else its
/// file is named for.
std::map<std::string, FileFor> named_files(const Settings& settings, const std::filesystem::path& folder) {
  std::map<std::string, FileFor> files;
  const auto add = [&](const std::string& file, FileFor whom) {
    if (file.empty()) return;
    auto& known = files.try_emplace((folder / file).lexically_normal().string(), whom).first->second;
    if (whom == FileFor::daemon_alone) known = whom;
  };
  const auto add_all = [&add](const ServerSettings& server) {
    add(server.ca_file, FileFor::everybody);
    add(server.client_certificate_file, server.client_key_file.empty() ? FileFor::daemon_alone : FileFor::everybody);
    add(server.client_key_file, FileFor::daemon_alone);
  };
  for (const auto& mailbox : settings.mailboxes) add_all(mailbox.server);
  for (const auto& server : settings.smtp.servers) add_all(server);
  return files;
}

}  // namespace

TakenNames taken_beside(const std::string& file, const SetupAnswers& before) {
  const auto loaded = load_draft(render_configuration(filled(before), ""), file);
  std::string errors;
  for (const auto& problem : loaded.problems)
    if (!problem.warning && problem.file != file) errors += to_string(problem) + "\n";
  if (!errors.empty())
    throw CommandFailure(kExitConfig, errors + "Nothing was written: these files count beside the new one.");
  auto taken = taken_files(file, before);
  if (!loaded.settings) return taken;
  const auto& settings = *loaded.settings;
  for (std::size_t i = 1; i < settings.mailboxes.size(); ++i) taken.mailboxes.push_back(settings.mailboxes[i].name);
  for (std::size_t i = 1; i < settings.ruleset.staff.size(); ++i) {
    taken.people.push_back(settings.ruleset.staff[i].name);
    taken.emails.push_back(settings.ruleset.staff[i].email);
    taken.logins.push_back(settings.ruleset.staff[i].login);
  }
  return taken;
}

std::string store_of(const std::string& file) {
  const auto settings = load_settings(file, SecretFiles::left_alone).settings;
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
    if (!why.empty()) interview.say(fmt::format("warning: {}: {}\n", printable_line(file), why));
  }
}

}  // namespace ticketd
