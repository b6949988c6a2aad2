#include "daemon/ctl/setup/earlier.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <tuple>

#include "daemon/config/draft.h"
#include "daemon/config/sections.h"
#include "daemon/config/toml_file.h"
#include "daemon/ctl/setup/surroundings.h"

namespace ticketd {
namespace {

/// Those two take a refresh token as often as it is shown. With any other provider the daemon may have had it replaced,
/// and one that is shown twice may end all of them (RFC 9700 §4.14.2).
bool takes_it_again(const OAuth2Settings& oauth2) {
  return oauth2.token_url.starts_with("https://oauth2.googleapis.com/") ||
         oauth2.token_url.starts_with("https://login.microsoftonline.com/");
}

/// Those of the relay are the mailbox's where it has none of its own.
void take_secrets(SetupAnswers& answers) {
  const auto& mailbox = answers.mailbox.server;
  const auto& relay = answers.smtp;
  const bool shares_password = relay.password_file == mailbox.password_file;
  std::vector<std::string_view> urls{mailbox.url};
  if (mailbox.oauth2 ? relay.oauth2 && !answers.relay_has_own_oauth2 : shares_password) urls.push_back(relay.url);
  answers.imap_password = stored_secret(mailbox.password_file, urls);
  answers.smtp_password = shares_password ? answers.imap_password : stored_secret(relay.password_file, {relay.url});
  if (!mailbox.oauth2) return;
  urls.push_back(mailbox.oauth2->token_url);
  answers.client_secret = stored_secret(mailbox.oauth2->client_secret_file, urls);
  answers.refresh_token = stored_secret(mailbox.oauth2->refresh_token_file, urls);
  if (!takes_it_again(*mailbox.oauth2) && !answers.refresh_token.is_elsewhere()) answers.refresh_token = {};
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

SetupAnswers earlier_answers(std::string_view text, const std::string& file) {
  auto loaded = load_draft(text, file);
  const bool only_lacks = std::ranges::all_of(loaded.problems, [](const ConfigProblem& problem) {
    return problem.warning || problem.message.find(kIsMissing) != std::string::npos;
  });  // what setup is there to ask for
  std::optional<Support> whole;
  if (loaded.settings || !only_lacks)
    whole = valid_or_fail(std::move(loaded),
                          "Nothing was written. Mend this, so that it can be taken over, or move the file away to "
                          "begin anew.")
                .ruleset.support;
  const auto folder = std::filesystem::path(file).parent_path();
  Problems unheard;  // of this file alone: what is missing here stands in conf.d
  auto root = parse_toml(text, unheard.add_file(file), unheard);
  Settings settings;
  read_section(root_section(), settings, root, {unheard, "", folder});
  auto answers = answers_of(settings, std::move(root), whole.value_or(settings.ruleset.support));
  for (auto* server : {&answers.mailbox.server, &answers.smtp})
    for (auto* each : {&server->ca_file, &server->client_certificate_file, &server->client_key_file})
      make_absolute(*each, folder);
  const auto& mailbox = answers.mailbox.server.oauth2;
  answers.relay_has_own_oauth2 = answers.smtp.oauth2 && !(mailbox && is_same(*mailbox, *answers.smtp.oauth2));
  take_secrets(answers);
  return answers;
}

}  // namespace ticketd
