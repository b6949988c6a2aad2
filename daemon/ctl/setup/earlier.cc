#include "daemon/ctl/setup/earlier.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <tuple>

#include "daemon/config/sections.h"
#include "daemon/config/toml_file.h"

namespace ticketd {
namespace {

/// Empty: it can't be had.
std::string secret_of(const std::string& setting, const std::string& credentials) {
  if (setting.empty()) return {};
  try {
    return read_secret(setting.starts_with('/') ? setting : credentials + "/" + setting);
  } catch (const std::exception&) {
    return {};
  }
}

/// Those two take a refresh token as often as it is shown. With any other provider the daemon may have had it replaced,
/// and one that is shown twice may end all of them (RFC 9700 §4.14.2).
bool takes_it_again(const OAuth2Settings& oauth2) {
  return oauth2.token_url.starts_with("https://oauth2.googleapis.com/") ||
         oauth2.token_url.starts_with("https://login.microsoftonline.com/");
}

void take_secrets(SetupAnswers& answers, const std::string& credentials) {
  const auto& mailbox = answers.mailbox.server;
  answers.imap_password = secret_of(mailbox.password_file, credentials);
  const bool is_shared = answers.smtp.password_file == mailbox.password_file;  // and stays so with another password
  if (!is_shared) answers.smtp_password = secret_of(answers.smtp.password_file, credentials);
  if (!mailbox.oauth2) return;
  answers.client_secret = secret_of(mailbox.oauth2->client_secret_file, credentials);
  if (takes_it_again(*mailbox.oauth2))
    answers.refresh_token = secret_of(mailbox.oauth2->refresh_token_file, credentials);
}

void take_mailbox(SetupAnswers& answers, const MailboxSettings& mailbox) {
  const auto& node = answers.before["mailbox"].items.front();
  answers.mailbox = mailbox;
  answers.keeps_afterwards = !node["processed"].absent() || !node["failed"].absent();
}

bool is_same(const OAuth2Settings& a, const OAuth2Settings& b) {
  const auto all = [](const OAuth2Settings& each) {
    return std::tie(each.token_url, each.client_id, each.client_secret_file, each.grant, each.refresh_token_file,
                    each.scope);
  };
  return all(a) == all(b);
}

/// By its name alone where it is among the credentials.
void shorten(std::string& file, const std::string& credentials) {
  const std::filesystem::path path(file);
  if (path.lexically_normal().parent_path() == credentials) file = path.filename().string();
}

void shorten_all(ServerSettings& server, const std::string& credentials) {
  shorten(server.password_file, credentials);
  if (!server.oauth2) return;
  shorten(server.oauth2->client_secret_file, credentials);
  shorten(server.oauth2->refresh_token_file, credentials);
}

void make_absolute(std::string& file, const std::filesystem::path& folder) {
  if (!file.empty()) file = (folder / file).lexically_normal().string();
}

/// `whole`: with conf.d and the defaults.
SetupAnswers answers_of(const Settings& settings, ConfigNode root, const Support& whole) {
  SetupAnswers answers;
  answers.before = std::move(root);
  answers.address = settings.ruleset.support.address;
  answers.name = whole.name == whole.address ? "" : whole.name;
  answers.time_zone = whole.time_zone;
  answers.admins = whole.admins;
  answers.store_path = answers.before["store"]["path"].text;
  if (!settings.mailboxes.empty()) take_mailbox(answers, settings.mailboxes.front());
  if (!settings.smtp.servers.empty()) answers.smtp = settings.smtp.servers.front();
  if (!settings.ruleset.staff.empty()) answers.member = settings.ruleset.staff.front();
  return answers;
}

}  // namespace

std::optional<SetupAnswers> earlier_answers(const std::string& file, const std::string& credentials) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return std::nullopt;
  const auto whole = load_settings(file, SecretFiles::left_alone).settings;
  if (!whole) return std::nullopt;
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto folder = std::filesystem::path(file).parent_path();
  Problems unheard;  // of this file alone: what is missing here stands in conf.d
  auto root = parse_toml(text, unheard.add_file(file), unheard);
  Settings settings;
  read_section(root_section(), settings, root, {unheard, "", folder});
  auto answers = answers_of(settings, std::move(root), whole->ruleset.support);
  for (auto* server : {&answers.mailbox.server, &answers.smtp}) {
    shorten_all(*server, credentials);
    for (auto* each : {&server->ca_file, &server->client_certificate_file, &server->client_key_file})
      make_absolute(*each, folder);
  }
  const auto& mailbox = answers.mailbox.server.oauth2;
  answers.relay_has_own_oauth2 = answers.smtp.oauth2 && !(mailbox && is_same(*mailbox, *answers.smtp.oauth2));
  take_secrets(answers, credentials);
  return answers;
}

}  // namespace ticketd
