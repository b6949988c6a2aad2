#include "daemon/ctl/setup/secret_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <filesystem>

#include "daemon/config/settings.h"

namespace ticketd {
namespace {

/// What the keys of files say.
void collect(const ConfigNode& node, std::vector<std::filesystem::path>& files) {
  for (const auto& entry : node.entries) {
    if (entry.key.ends_with("_file")) files.emplace_back(entry.value.text);
    collect(entry.value, files);
  }
  for (const auto& item : node.items) collect(item, files);
}

/// As the daemon would read it.
bool holds(const std::filesystem::path& file, const std::string& secret) {
  try {
    return read_secret(file.string()) == secret;
  } catch (const std::exception&) {
    return false;
  }
}

class SecretNamer {
 public:
  SecretNamer(const SecretFolder& folder, std::vector<std::string> taken, std::vector<Credential>& written)
      : folder_(folder), taken_(std::move(taken)), written_(written) {}

  /// The name of its file, for the configuration.
  std::string place(Secret& secret, std::string_view usual_name) {
    if (!secret.file.empty() || secret.value.empty()) return secret.file;
    std::string name(usual_name);
    for (int i = 2; !may_have(name, secret.value); ++i) name = fmt::format("{}-{}", usual_name, i);
    if (!exists(name)) written_.push_back({name, secret.value});
    taken_.push_back(name);
    return secret.file = folder_.is_systems ? name : path_of(name).string();
  }

 private:
  [[nodiscard]] std::filesystem::path path_of(const std::string& name) const {
    return std::filesystem::path(folder_.path) / name;
  }
  [[nodiscard]] bool exists(const std::string& name) const {
    std::error_code error;
    return std::filesystem::exists(std::filesystem::symlink_status(path_of(name), error));
  }
  [[nodiscard]] bool may_have(const std::string& name, const std::string& secret) const {
    if (exists(name)) return holds(path_of(name), secret);
    return std::ranges::find(taken_, name) == taken_.end();
  }

  const SecretFolder& folder_;
  std::vector<std::string> taken_;
  std::vector<Credential>& written_;
};

}  // namespace

std::vector<std::string> file_names_in(const ConfigNode& root) {
  std::vector<std::filesystem::path> files;
  collect(root, files);
  std::vector<std::string> names;
  for (const auto& file : files) names.push_back(file.filename().string());
  return names;
}

std::vector<std::string> secret_files_in(const ConfigNode& root, const SecretFolder& folder) {
  const std::filesystem::path home(folder.path);
  std::vector<std::filesystem::path> files;
  collect(root, files);
  std::vector<std::string> found;
  for (const auto& file : files)
    if (file.is_absolute() ? file.parent_path() == home : folder.is_systems && !file.empty())
      found.push_back((home / file.filename()).string());
  return found;
}

void name_secret_files(SetupAnswers& answers, const SecretFolder& folder, std::vector<std::string> taken) {
  auto& mailbox = answers.mailbox.server;
  auto& relay = answers.smtp;
  answers.new_secrets.clear();
  SecretNamer namer(folder, std::move(taken), answers.new_secrets);
  mailbox.password_file = namer.place(answers.imap_password, kImapPassword);
  auto& relays = answers.smtp_password;
  const bool is_one = !relays.value.empty() && relays.value == answers.imap_password.value;
  if (is_one && relays.file.empty()) relays.file = mailbox.password_file;
  relay.password_file = namer.place(relays, kSmtpPassword);
  if (mailbox.oauth2) {
    mailbox.oauth2->client_secret_file = namer.place(answers.client_secret, kClientSecret);
    mailbox.oauth2->refresh_token_file = namer.place(answers.refresh_token, kRefreshToken);
  }
  if (relay.oauth2 && !answers.relay_has_own_oauth2) relay.oauth2 = mailbox.oauth2;
}

}  // namespace ticketd
