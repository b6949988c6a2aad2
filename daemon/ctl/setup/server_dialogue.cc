#include "daemon/ctl/setup/server_dialogue.h"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/config/checks.h"
#include "daemon/config/value_types.h"
#include "daemon/ctl/session.h"
#include "daemon/ctl/setup/checks.h"
#include "daemon/net/http_call.h"
#include "parsers/ascii.h"
#include "parsers/printable.h"

namespace ticketd {
namespace {

constexpr std::size_t kShownFolders = 20;
constexpr std::string_view kRefreshGrant = "refresh_token";
constexpr std::string_view kAsBefore = "the same as before";

std::string domain_of(const std::string& address) { return address.substr(address.rfind('@') + 1); }

bool is_about_certificate(const LoginTrial& trial) {
  return trial.kind == NetError::Kind::tls && trial.error.find("certificate") != std::string::npos;
}

std::string listed(const std::vector<std::string>& folders) {
  std::string text;
  for (std::size_t i = 0; i < std::min(folders.size(), kShownFolders); ++i)
    text += (i == 0 ? "" : ", ") + printable_line(folders[i]);
  return folders.size() > kShownFolders ? text + ", …" : text;
}

/// "INBOX." where every other folder has to stand below INBOX, as with some servers; else empty.
std::string prefix_of(const std::vector<std::string>& folders) {
  constexpr std::string_view kInbox = "INBOX";
  std::string prefix;
  for (const auto& folder : folders) {
    if (equals_ignoring_case(folder, kInbox)) continue;
    const auto start = folder.substr(0, kInbox.size() + 1);
    const bool is_below = start.size() > kInbox.size() && starts_with_ignoring_case(start, kInbox) &&
                          (start.back() == '.' || start.back() == '/');
    if (!is_below || (!prefix.empty() && prefix != start)) return {};
    prefix = start;
  }
  return prefix;
}

bool is_inbox(std::string_view folder) { return equals_ignoring_case(folder, "INBOX"); }

bool has_folder(const MailboxLook& look, const std::string& folder) {
  return look.folders.empty() || is_inbox(folder) || std::ranges::find(look.folders, folder) != look.folders.end();
}

std::string mails(std::uint32_t count) { return count == 1 ? "one mail" : fmt::format("{} mails", count); }

}  // namespace

void ServerDialogue::ask_for_mailbox() {
  ask_for_provider();
  if (provider_ == "own")
    ask_for_imap_server(guess_.imap, !guess_.is_known);
  else
    answers_.mailbox.server.url = guess_.imap;
  ask_for_imap_login();
  try_mailbox();
  if (answers_.messages != 0u || !interview_.can_correct()) ask_for_backlog();
}

void ServerDialogue::ask_for_relay() {
  if (provider_ == "own")
    ask_for_smtp_server(guess_.smtp, !guess_.is_known);
  else
    answers_.smtp.url = guess_.smtp;
  ask_for_smtp_login();
  try_relay();
}

void ServerDialogue::ask_for_provider() {
  const auto domain = domain_of(answers_.address);
  provider_ = interview_.ask({.key = "provider",
                              .words = "Mail provider (google, microsoft365, or own for any other server)",
                              .fallback = std::string(guess_provider(domain)),
                              .check = one_of_words({"google", "microsoft365", "own"})});
  guess_ = provider_ == "own" ? guess_servers(domain) : servers_of_provider(provider_);
  if (!guess_.advice.empty()) interview_.say(guess_.advice + "\n");
  const auto login = interview_.ask(
      {.key = "login",
       .words = "Log in by password or oauth2",
       .explanation = "An app password is a password. OAuth 2 needs an application registered at the provider.",
       .fallback = provider_ == "microsoft365" ? "oauth2" : "password",
       .check = one_of_words({"password", "oauth2"})});
  if (login == "oauth2") ask_for_oauth2();
}

/// What was answered before is suggested.
void ServerDialogue::ask_for_oauth2() {
  OAuth2Settings& oauth2 =
      answers_.mailbox.server.oauth2 ? *answers_.mailbox.server.oauth2 : answers_.mailbox.server.oauth2.emplace();
  oauth2.client_id =
      interview_.ask({.key = "oauth2_client_id",
                      .words = "OAuth 2: client (application) id",
                      .fallback = oauth2.client_id.empty() ? std::nullopt : std::optional(oauth2.client_id),
                      .check = checked_by(line())});
  if (provider_ == "google")
    oauth2.grant = kRefreshGrant;
  else
    oauth2.grant = interview_.ask({.key = "oauth2_grant",
                                   .words = "OAuth 2: client_credentials or refresh_token",
                                   .fallback = oauth2.grant.empty() ? "client_credentials" : oauth2.grant,
                                   .check = one_of_words({"client_credentials", std::string(kRefreshGrant)})});
  ask_for_token_endpoint(oauth2);
  ask_for_oauth2_secrets(oauth2);
}

void ServerDialogue::ask_for_token_endpoint(OAuth2Settings& oauth2) {
  if (provider_ == "google") {
    oauth2.token_url = "https://oauth2.googleapis.com/token";
    oauth2.scope = "https://mail.google.com/";
  } else if (provider_ == "microsoft365") {
    oauth2.token_url = fmt::format("https://login.microsoftonline.com/{}/oauth2/v2.0/token",
                                   interview_.ask({.key = "oauth2_tenant",
                                                   .words = "OAuth 2: directory (tenant) id, or the tenant's domain",
                                                   .check = checked_by(domain())}));
    oauth2.scope = oauth2.grant == kRefreshGrant ? "https://outlook.office.com/IMAP.AccessAsUser.All "
                                                   "https://outlook.office.com/SMTP.Send offline_access"
                                                 : "https://outlook.office365.com/.default";
  } else {
    oauth2.token_url =
        interview_.ask({.key = "oauth2_token_url",
                        .words = "OAuth 2: token URL",
                        .fallback = oauth2.token_url.empty() ? std::nullopt : std::optional(oauth2.token_url),
                        .check = token_url()});
    oauth2.scope = interview_.ask({.key = "oauth2_scope",
                                   .words = oauth2.scope.empty() ? "OAuth 2: scope (Enter: none)" : "OAuth 2: scope",
                                   .fallback = oauth2.scope,
                                   .check = checked_by(line())});
  }
}

void ServerDialogue::ask_for_oauth2_secrets(OAuth2Settings& oauth2) {
  const bool refreshes = oauth2.grant == kRefreshGrant;
  const auto before = [](const std::string& secret) { return secret.empty() ? std::nullopt : std::optional(secret); };
  const auto& secret = answers_.client_secret;
  answers_.client_secret = interview_.ask(
      {.key = "oauth2_client_secret",
       .words = refreshes ? "OAuth 2: client secret (not shown; Enter: none)" : "OAuth 2: client secret (not shown)",
       .fallback = refreshes ? std::optional(secret) : before(secret),
       .shown_fallback = secret.empty() ? "" : std::string(kAsBefore),
       .is_secret = true});
  oauth2.client_secret_file = answers_.client_secret.empty() ? "" : kClientSecret;
  oauth2.refresh_token_file = refreshes ? kRefreshToken : "";
  if (!refreshes) return answers_.refresh_token.clear();
  answers_.refresh_token =
      interview_.ask({.key = "oauth2_refresh_token",
                      .words = "OAuth 2: refresh token (not shown)",
                      .fallback = before(answers_.refresh_token),
                      .shown_fallback = answers_.refresh_token.empty() ? "" : std::string(kAsBefore),
                      .is_secret = true});
}

void ServerDialogue::ask_for_imap_server(const std::string& suggestion, bool is_guess) {
  auto& server = answers_.mailbox.server;
  server.url = interview_.ask({.key = "imap_server",
                               .words = "IMAP server",
                               .explanation = "A host, HOST:PORT, or a URL that begins with imaps:// or imap://.",
                               .fallback = suggestion,
                               .is_guess = is_guess,
                               .check = imap_server()});
  ask_for_tls(server, "imap_tls");
}

void ServerDialogue::ask_for_smtp_server(const std::string& suggestion, bool is_guess) {
  answers_.smtp.url = interview_.ask({.key = "smtp_server",
                                      .words = "SMTP server, which sends your mail",
                                      .explanation = "",
                                      .fallback = suggestion,
                                      .is_guess = is_guess,
                                      .check = smtp_server()});
  ask_for_tls(answers_.smtp, "smtp_tls");
}

void ServerDialogue::ask_for_tls(ServerSettings& server, const char* key) {
  server.tls_required = true;
  if (!is_loopback(url_host(server.url)) || url_scheme(server.url).ends_with('s')) return;
  server.tls_required = interview_.ask({.key = key,
                                        .words = "TLS (required, or none for this machine itself)",
                                        .fallback = "required",
                                        .check = one_of_words({"required", "none"})}) == "required";
}

void ServerDialogue::ask_for_imap_login() {
  auto& server = answers_.mailbox.server;
  server.user = interview_.ask({.key = "imap_user",
                                .words = "IMAP user",
                                .fallback = server.user.empty() ? answers_.address : server.user,
                                .check = checked_by(name())});
  if (server.oauth2) return;
  answers_.imap_password =
      interview_.ask({.key = "imap_password", .words = "IMAP password (not shown)", .is_secret = true});
  server.password_file = kImapPassword;
}

void ServerDialogue::ask_for_smtp_login() {
  auto& server = answers_.smtp;
  const auto& mailbox = answers_.mailbox.server;
  server.user = interview_.ask({.key = "smtp_user",
                                .words = "SMTP user (none: it wants no login)",
                                .fallback = server.user.empty() ? mailbox.user : server.user,
                                .check = checked_by(name())});
  server.password_file.clear();
  server.oauth2.reset();
  if (server.user == "none") server.user.clear();
  if (server.user.empty()) return;
  server.oauth2 = mailbox.oauth2;
  if (server.oauth2) return;
  answers_.smtp_password = interview_.ask({.key = "smtp_password",
                                           .words = "SMTP password (not shown)",
                                           .fallback = answers_.imap_password,
                                           .shown_fallback = "the same as for IMAP",
                                           .is_secret = true});
  server.password_file = answers_.smtp_password == answers_.imap_password ? kImapPassword : kSmtpPassword;
}

bool ServerDialogue::wants_correction(const char* what, const LoginTrial& trial) {
  const auto error = printable_line(trial.error);
  const bool may_pass = trial.kind == NetError::Kind::unreachable || trial.kind == NetError::Kind::timeout;
  if (!interview_.can_correct())
    throw CommandFailure(
        may_pass ? kExitTryAgain : kExitUnavailable,
        fmt::format("{} does not work: {}\nNothing was written (--no-probe: write it untried).", what, error));
  interview_.say(fmt::format("  That does not work: {}\n", error));
  if (trial.kind == NetError::Kind::login && !guess_.advice.empty()) interview_.say("  " + guess_.advice + "\n");
  return interview_.ask({.key = "",
                         .words = "Correct it, or keep it as it is (correct, keep)",
                         .fallback = "correct",
                         .check = one_of_words({"correct", "keep"})}) == "correct";
}

bool ServerDialogue::ask_for_authority(ServerSettings& server, const char* key) {
  const auto file = interview_.ask({.key = key,
                                    .words = "File of that authority (PEM; Enter: there is none)",
                                    .explanation = "The server's certificate is not by an authority that this machine "
                                                   "believes. Your own can be believed for it.",
                                    .fallback = "",
                                    .check = certificate_file()});
  if (!file.empty()) server.ca_file = file;
  return !file.empty();
}

MailboxLook ServerDialogue::look() {
  const auto& mailbox = answers_.mailbox;
  interview_.say(fmt::format("Trying {} …\n", printable_line(mailbox.server.url)));
  return servers_->look(mailbox_endpoint(answers_), mailbox.folder);
}

bool ServerDialogue::try_token() {
  for (;;) {
    const auto& server = answers_.mailbox.server;
    interview_.say(fmt::format("Asking {} for an access token …\n", origin_of(server.oauth2->token_url)));
    auto trial = servers_->fetch_token(server, {answers_.client_secret, answers_.refresh_token});
    take_refresh_token(trial.grant.refresh_token);
    answers_.access_token = std::move(trial.grant.access_token);
    if (trial.login.error.empty()) return true;
    if (!wants_correction("The request for an access token", trial.login)) return false;
    correct_token(trial.login);
  }
}

/// The one before it may be worth nothing from now on.
void ServerDialogue::take_refresh_token(const std::string& next) {
  if (next.empty() || next == answers_.refresh_token) return;
  answers_.refresh_token = next;
  interview_.say(
      "  The provider has handed out another refresh token, which takes the place of yours and is written with the\n"
      "  rest. Unless that happens, it may be necessary to consent again.\n");
}

void ServerDialogue::correct_token(const LoginTrial& trial) {
  if (is_about_certificate(trial) && ask_for_authority(answers_.mailbox.server, "imap_ca_file")) return;
  ask_for_oauth2();
}

bool ServerDialogue::correct_mailbox(const LoginTrial& trial) {
  auto& server = answers_.mailbox.server;
  if (!wants_correction("The login to the IMAP server", trial)) return false;
  if (is_about_certificate(trial) && ask_for_authority(server, "imap_ca_file")) return true;
  if (trial.kind != NetError::Kind::login) {
    const bool was_guess = server.url == guess_.imap && !guess_.next_imap.empty();
    ask_for_imap_server(was_guess ? guess_.next_imap : server.url, true);
  }
  ask_for_imap_login();
  return true;
}

void ServerDialogue::ask_for_folder(const MailboxLook& seen) {
  const auto type = name();
  auto check = [&seen, &type, this](std::string& folder) {
    auto fault = fault_by(type, folder);
    const auto& mailbox = answers_.mailbox;
    if (folder == mailbox.processed.folder || folder == mailbox.failed.folder)
      fault = "that is where mails go once they are filed";
    return !fault.empty() || has_folder(seen, folder) ? fault : "the server has no such folder";
  };
  answers_.mailbox.folder = interview_.ask(
      {.key = "folder", .words = "Folder to read", .fallback = answers_.mailbox.folder, .check = std::move(check)});
}

/// The mailbox lets us in: `seen` is what there is in it.
void ServerDialogue::choose_folder(MailboxLook seen) {
  if (!seen.folders.empty()) interview_.say(fmt::format("  It let us in. Folders: {}\n", listed(seen.folders)));
  const auto prefix = prefix_of(seen.folders);
  answers_.mailbox.processed.folder = prefix + "Processed";
  answers_.mailbox.failed.folder = prefix + "Failed";
  if (interview_.can_correct() && seen.folders.size() > 1) {
    ask_for_folder(seen);
    if (!is_inbox(answers_.mailbox.folder)) seen = look();
  }
  while (!seen.login.error.empty() || !seen.folder_error.empty()) {
    const auto& error = seen.login.error.empty() ? seen.folder_error : seen.login.error;
    if (!wants_correction("The folder", {error, seen.login.error.empty() ? NetError::Kind::protocol : seen.login.kind}))
      return;
    ask_for_folder(seen);
    seen = look();
  }
  answers_.messages = seen.messages;
  if (seen.messages == 0) interview_.say(fmt::format("  {} holds no mail.\n", printable_line(answers_.mailbox.folder)));
}

void ServerDialogue::try_mailbox() {
  auto& server = answers_.mailbox.server;
  if (!interview_.can_correct()) {
    static_cast<void>(ask_for_authority(server, "imap_ca_file"));
    answers_.mailbox.folder =
        interview_.ask({.key = "folder", .words = "Folder to read", .fallback = "INBOX", .check = checked_by(name())});
  }
  if (servers_ == nullptr) return;
  if (server.oauth2 && !try_token()) return;
  auto seen = look();
  while (!seen.login.error.empty()) {
    if (!correct_mailbox(seen.login)) return;
    seen = look();
  }
  choose_folder(std::move(seen));
}

void ServerDialogue::ask_for_backlog() {
  using Backlog = MailboxSettings::Backlog;
  const auto there = answers_.messages ? fmt::format("{} holds {} already.\n", printable_line(answers_.mailbox.folder),
                                                     mails(*answers_.messages))
                                       : std::string();
  const auto word = interview_.ask(
      {.key = "backlog",
       .words = "Mails that are there already (ignore, silent, normal)",
       .explanation = there + "ignore: they are noted, and stay as they are. silent: they become tickets, and nobody "
                              "is\nanswered or called. normal: they are treated as if they came now, and answered.",
       .fallback = "ignore",
       .check = one_of_words({"ignore", "silent", "normal"})});
  answers_.mailbox.backlog = word == "silent" ? Backlog::silent : word == "normal" ? Backlog::normal : Backlog::ignore;
}

bool ServerDialogue::correct_relay(const LoginTrial& trial) {
  auto& server = answers_.smtp;
  if (!wants_correction("The login to the SMTP server", trial)) return false;
  if (is_about_certificate(trial) && ask_for_authority(server, "smtp_ca_file")) return true;
  if (trial.kind != NetError::Kind::login) {
    const bool was_guess = server.url == guess_.smtp && !guess_.next_smtp.empty();
    ask_for_smtp_server(was_guess ? guess_.next_smtp : server.url, true);
  }
  ask_for_smtp_login();
  return true;
}

void ServerDialogue::try_relay() {
  auto& server = answers_.smtp;
  server.ca_file = answers_.mailbox.server.ca_file;
  if (!interview_.can_correct()) static_cast<void>(ask_for_authority(server, "smtp_ca_file"));
  if (servers_ == nullptr || (server.oauth2 && answers_.access_token.empty())) return;
  for (;;) {
    interview_.say(fmt::format("Trying {} …\n", printable_line(server.url)));
    const auto trial = servers_->try_relay(relay_endpoint(answers_));
    if (trial.error.empty()) return interview_.say("  It let us in.\n");
    if (!correct_relay(trial)) return;
  }
}

}  // namespace ticketd
