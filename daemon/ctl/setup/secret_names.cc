#include "daemon/ctl/setup/secret_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "daemon/ctl/setup/carried.h"

namespace ticketd {
namespace {

void collect(const ConfigNode& node, std::vector<std::string>& names) {
  for (const auto& entry : node.entries) {
    if (entry.key.ends_with("_file")) names.push_back(std::filesystem::path(entry.value.text).filename().string());
    collect(entry.value, names);
  }
  for (const auto& item : node.items) collect(item, names);
}

struct Secret {
  std::string& file;
  const std::string& value;
  const std::string& file_before;
  const std::string& value_before;
  std::string_view usual_name;

  [[nodiscard]] bool stays() const { return !value.empty() && !file_before.empty() && value == value_before; }
};

class SecretNamer {
 public:
  explicit SecretNamer(std::vector<std::string> taken) : taken_(std::move(taken)) {}

  void name_all(const std::vector<Secret>& secrets) {
    for (const auto& secret : secrets)
      if (secret.stays()) take(secret, secret.file_before);
    for (const auto& secret : secrets)
      if (!secret.stays() && !secret.value.empty()) take(secret, free_name(secret));
  }
  void take_names_of(const OAuth2Settings& oauth2) {
    taken_.push_back(oauth2.client_secret_file);
    taken_.push_back(oauth2.refresh_token_file);
  }

 private:
  void take(const Secret& secret, const std::string& name) {
    secret.file = name;
    taken_.push_back(name);
  }
  [[nodiscard]] bool is_free(const std::string& name) const {
    return !name.empty() && is_credential_name(name) && std::ranges::find(taken_, name) == taken_.end();
  }
  [[nodiscard]] std::string free_name(const Secret& secret) const {
    if (is_free(secret.file_before)) return secret.file_before;
    std::string name(secret.usual_name);
    for (int i = 2; !is_free(name); ++i) name = fmt::format("{}-{}", secret.usual_name, i);
    return name;
  }

  std::vector<std::string> taken_;
};

/// It has no file of its own.
bool shares_password(const SetupAnswers& answers, const SetupAnswers& before) {
  const bool had_its_own = !before.smtp_password.empty() && answers.smtp_password == before.smtp_password;
  return !had_its_own && answers.smtp_password == answers.imap_password;
}

}  // namespace

std::vector<std::string> file_names_in(const ConfigNode& root, bool with_asked) {
  auto others = root;
  if (!with_asked)
    for (const char* table : {"mailbox", "smtp"})
      static_cast<void>(leave_out(others, table, {"password_file", "oauth2"}));
  std::vector<std::string> names;
  collect(others, names);
  return names;
}

void name_secret_files(SetupAnswers& answers, const SetupAnswers& before, std::vector<std::string> taken) {
  static const OAuth2Settings kNone;
  auto& mailbox = answers.mailbox.server;
  auto& relay = answers.smtp;
  SecretNamer namer(std::move(taken));
  if (answers.relay_has_own_oauth2) namer.take_names_of(*relay.oauth2);
  const auto& mailbox_before = before.mailbox.server;
  std::vector<Secret> secrets{{mailbox.password_file, answers.imap_password, mailbox_before.password_file,
                               before.imap_password, kImapPassword}};
  const bool has_password = !relay.password_file.empty(), shares = has_password && shares_password(answers, before);
  if (has_password && !shares)
    secrets.push_back(
        {relay.password_file, answers.smtp_password, before.smtp.password_file, before.smtp_password, kSmtpPassword});
  if (mailbox.oauth2) {
    const auto& oauth2 = mailbox_before.oauth2 ? *mailbox_before.oauth2 : kNone;
    secrets.push_back({mailbox.oauth2->client_secret_file, answers.client_secret, oauth2.client_secret_file,
                       before.client_secret, kClientSecret});
    secrets.push_back({mailbox.oauth2->refresh_token_file, answers.refresh_token, oauth2.refresh_token_file,
                       before.refresh_token, kRefreshToken});
  }
  namer.name_all(secrets);
  if (shares) relay.password_file = mailbox.password_file;
  if (relay.oauth2 && !answers.relay_has_own_oauth2) relay.oauth2 = mailbox.oauth2;
}

}  // namespace ticketd
