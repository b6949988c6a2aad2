#include "daemon/ctl/setup/server_dialogue.h"

#include <fmt/format.h>

#include "daemon/config/checks.h"
#include "daemon/config/value_types.h"
#include "daemon/ctl/setup/checks.h"
#include "daemon/ctl/setup/folders.h"
#include "daemon/ctl/setup/oauth2_dialogue.h"
#include "parsers/printable.h"

namespace ticketd {
namespace {

std::string domain_of(const std::string& address) { return address.substr(address.rfind('@') + 1); }

std::string mails(std::uint32_t count) { return count == 1 ? "one mail" : fmt::format("{} mails", count); }

}  // namespace

ServerDialogue::ServerDialogue(Interview& interview, MailServers* servers, const DialogueOptions& options,
                               SetupAnswers& answers)
    : interview_(interview),
      servers_(servers),
      options_(options),
      answers_(answers),
      relay_has_no_login_(!answers.smtp.url.empty() && answers.smtp.user.empty()) {}

void ServerDialogue::ask_for_mailbox() {
  ask_for_provider();
  ask_for_kind_of_login();
  auto& url = answers_.mailbox.server.url;
  if (provider_ == "own")
    ask_for_imap_server(url.empty() ? guess_.imap : url, url.empty() && !guess_.is_known);
  else if (url.empty())
    url = guess_.imap;
  ask_for_imap_login();
  try_mailbox();
  if (answers_.messages != 0u || !interview_.can_correct()) ask_for_backlog();
}

void ServerDialogue::ask_for_relay() {
  auto& url = answers_.smtp.url;
  if (provider_ == "own" || (!url.empty() && url != guess_.smtp))
    ask_for_smtp_server(url.empty() ? guess_.smtp : url, url.empty() && !guess_.is_known);
  else
    url = guess_.smtp;
  ask_for_smtp_login();
  try_relay();
}

void ServerDialogue::ask_for_provider() {
  const auto domain = domain_of(answers_.address);
  auto& server = answers_.mailbox.server;
  const auto before = server.url.empty() ? guess_provider(domain) : provider_of_server(url_host(server.url));
  provider_ = interview_.ask(
      {.key = "provider",
       .words = "Mail provider (google, microsoft365, own)",
       .explanation =
           "google: Gmail, and Google Workspace with a domain of your own. microsoft365: Exchange Online, with "
           "a domain of\nyour own as well, and outlook.com. own: any other; its servers are asked for.",
       .fallback = std::string(before),
       .check = one_of_words({"google", "microsoft365", "own"})});
  guess_ = provider_ == "own" ? guess_servers(domain) : servers_of_provider(provider_);
  if (provider_ == before) return;
  forget_servers();
}

/// Those of another provider are no suggestion.
void ServerDialogue::forget_servers() {
  for (auto* server : {&answers_.mailbox.server, &answers_.smtp}) {
    server->url.clear();
    server->user.clear();
    server->ca_file.clear();
    server->oauth2.reset();
    server->tls_required = true;
  }
  for (auto* secret :
       {&answers_.imap_password, &answers_.smtp_password, &answers_.client_secret, &answers_.refresh_token})
    secret->clear();
  relay_has_no_login_ = false;
}

void ServerDialogue::ask_for_kind_of_login() {
  auto& server = answers_.mailbox.server;
  if (!guess_.advice.empty()) interview_.say(guess_.advice + "\n");
  const bool must_be_oauth2 = provider_ == "microsoft365";
  std::string login = "oauth2";
  if (!must_be_oauth2 || !interview_.can_correct())
    login = interview_.ask(
        {.key = "login",
         .words = "Log in by password or oauth2",
         .explanation =
             "password: the account's own or, where the provider wants that, an app password that it makes for a "
             "program.\noauth2: an application that you have registered at the provider gets access "
             "(/usr/share/doc/ticketd/login.md says how).",
         .fallback = must_be_oauth2 || server.oauth2 ? "oauth2" : "password",
         .check = must_be_oauth2 ? one_of_words({"oauth2"}) : one_of_words({"password", "oauth2"})});
  if (login == "oauth2") {
    server.password_file.clear();
    answers_.imap_password.clear();
    return OAuth2Dialogue(interview_, answers_, provider_).ask();
  }
  server.oauth2.reset();
  answers_.client_secret.clear();
  answers_.refresh_token.clear();
}

void ServerDialogue::ask_for_imap_server(const std::string& suggestion, bool is_guess) {
  auto& server = answers_.mailbox.server;
  server.url = interview_.ask(
      {.key = "imap_server",
       .words = "IMAP server",
       .explanation =
           "Where your mail arrives: a host, HOST:PORT, or a URL. imaps:// is TLS from the start (port 993), "
           "imap:// begins in\nplain text and changes to TLS (143). With another port and no URL, both are "
           "tried, imaps:// first.",
       .fallback = suggestion,
       .is_guess = is_guess,
       .check = imap_server(&imap_instead_)});
  ask_for_tls(server, "imap_tls", imap_instead_);
}

void ServerDialogue::ask_for_smtp_server(const std::string& suggestion, bool is_guess) {
  answers_.smtp.url = interview_.ask(
      {.key = "smtp_server",
       .words = "SMTP server, which sends your mail",
       .explanation =
           "A host, HOST:PORT, or a URL. smtp:// begins in plain text and changes to TLS (port 587), smtps:// "
           "is TLS from the\nstart (465). With a port that is neither and no URL, both are tried, smtps:// "
           "first.",
       .fallback = suggestion,
       .is_guess = is_guess,
       .check = smtp_server(&smtp_instead_)});
  ask_for_tls(answers_.smtp, "smtp_tls", smtp_instead_);
}

/// Without TLS the URL is the one that begins in plain text.
void ServerDialogue::ask_for_tls(ServerSettings& server, const char* key, std::string& instead) {
  const bool may_begin_plain = !instead.empty() || !url_scheme(server.url).ends_with('s');
  const bool was_required = server.tls_required;
  server.tls_required = true;
  if (!is_loopback(url_host(server.url)) || !may_begin_plain) return;
  server.tls_required =
      interview_.ask({.key = key,
                      .words = "TLS (required, none)",
                      .explanation =
                          "That server is this machine itself, where passwords and mails may also go without "
                          "TLS: none.",
                      .fallback = was_required ? "required" : "none",
                      .check = one_of_words({"required", "none"})}) == "required";
  if (server.tls_required || instead.empty()) return;
  server.url = instead;
  instead.clear();
}

void ServerDialogue::ask_for_imap_login() {
  auto& server = answers_.mailbox.server;
  server.user = interview_.ask({.key = "imap_user",
                                .words = "IMAP user",
                                .fallback = server.user.empty() ? answers_.address : server.user,
                                .check = checked_by(name())});
  if (server.oauth2) return;
  auto& password = answers_.imap_password;
  const bool has_certificate = !server.client_certificate_file.empty();
  const bool may_lack = password.empty() && has_certificate;
  password = interview_.ask({.key = "imap_password",
                             .words = may_lack ? "IMAP password (not shown; Enter: none, the certificate is enough)"
                                               : "IMAP password (not shown)",
                             .fallback = password.empty() && !has_certificate ? std::nullopt : std::optional(password),
                             .shown_fallback = password.empty() ? "" : std::string(kAsBefore),
                             .is_secret = true});
  server.password_file = password.empty() ? "" : kImapPassword;
}

void ServerDialogue::ask_for_smtp_login() {
  auto& server = answers_.smtp;
  const auto& usual = relay_has_no_login_   ? std::string("none")
                      : server.user.empty() ? answers_.mailbox.server.user
                                            : server.user;
  server.user = interview_.ask({.key = "smtp_user",
                                .words = "SMTP user (none: it wants no login)",
                                .fallback = usual,
                                .check = checked_by(name())});
  relay_has_no_login_ = server.user == "none";
  if (relay_has_no_login_) server.user.clear();
  const bool takes_tokens = !relay_has_no_login_ && relay_takes_tokens();
  server.password_file.clear();
  server.oauth2.reset();
  if (takes_tokens)
    server.oauth2 = answers_.mailbox.server.oauth2;
  else if (!relay_has_no_login_)
    ask_for_smtp_password();
}

bool ServerDialogue::relay_takes_tokens() {
  if (!answers_.mailbox.server.oauth2) return false;
  if (answers_.smtp.url == guess_.smtp && provider_ != "own") return true;
  return interview_.ask({.key = "smtp_login",
                         .words = "SMTP: log in by oauth2, as for IMAP, or by a password",
                         .fallback = answers_.smtp.password_file.empty() ? "oauth2" : "password",
                         .check = one_of_words({"oauth2", "password"})}) == "oauth2";
}

void ServerDialogue::ask_for_smtp_password() {
  auto& password = answers_.smtp_password;
  const bool is_own = !password.empty() && password != answers_.imap_password;
  const auto& usual = is_own ? password : answers_.imap_password;
  password = interview_.ask({.key = "smtp_password",
                             .words = "SMTP password (not shown)",
                             .fallback = usual.empty() ? std::nullopt : std::optional(usual),
                             .shown_fallback = is_own ? std::string(kAsBefore) : "the same as for IMAP",
                             .is_secret = true});
  answers_.smtp.password_file = password == answers_.imap_password ? kImapPassword : kSmtpPassword;
}

void ServerDialogue::ask_for_folder(const MailboxLook& seen) {
  const auto type = name();
  auto check = [&seen, &type, this](std::string& folder) {
    auto fault = fault_by(type, folder);
    const auto& mailbox = answers_.mailbox;
    if (folder == mailbox.processed.folder || folder == mailbox.failed.folder)
      fault = "that is where mails go once they are filed";
    return !fault.empty() || has_folder(seen.folders, folder) ? fault : "the server has no such folder";
  };
  answers_.mailbox.folder = interview_.ask({.key = "folder",
                                            .words = "Folder to read",
                                            .explanation = "Each mail in it becomes a ticket, or is added to one.",
                                            .fallback = answers_.mailbox.folder,
                                            .check = std::move(check)});
}

/// The mailbox lets us in: `seen` is what there is in it.
void ServerDialogue::choose_folder(MailboxLook seen) {
  if (!seen.folders.empty()) interview_.say(fmt::format("  It let us in. Folders: {}\n", listed(seen.folders)));
  if (!answers_.keeps_afterwards) {
    const auto prefix = prefix_of(seen.folders);
    answers_.mailbox.processed.folder = prefix + "Processed";
    answers_.mailbox.failed.folder = prefix + "Failed";
  }
  if (interview_.can_correct() && seen.folders.size() > 1) {
    const auto looked_into = answers_.mailbox.folder;
    ask_for_folder(seen);
    if (answers_.mailbox.folder != looked_into) seen = look();
  }
  while (!seen.login.error.empty() || !seen.folder_error.empty()) {
    const auto& error = seen.login.error.empty() ? seen.folder_error : seen.login.error;
    const auto kind = seen.login.error.empty() ? NetError::Kind::protocol : seen.login.kind;
    if (!wants_correction("The folder", {error, kind}, "imap_ca_file")) return;
    ask_for_folder(seen);
    seen = look();
  }
  answers_.messages = seen.messages;
  if (seen.messages == 0) interview_.say(fmt::format("  {} holds no mail.\n", printable_line(answers_.mailbox.folder)));
}

void ServerDialogue::ask_for_backlog() {
  using Backlog = MailboxSettings::Backlog;
  auto& backlog = answers_.mailbox.backlog;
  const auto there = answers_.messages ? fmt::format("{} holds {} already.\n", printable_line(answers_.mailbox.folder),
                                                     mails(*answers_.messages))
                                       : std::string();
  const auto word = interview_.ask(
      {.key = "backlog",
       .words = "Mails that are there already (ignore, silent, normal)",
       .explanation = there +
                      "ignore: they stay where they are, and nothing comes of them; ticketd begins with the next "
                      "mail that arrives.\nsilent: each becomes a ticket, but nobody is answered or called for "
                      "it. normal: they are treated as if\nthey had arrived just now, and answered.",
       .fallback = std::string(backlog_word(backlog)),
       .check = one_of_words({"ignore", "silent", "normal"})});
  backlog = word == "silent" ? Backlog::silent : word == "normal" ? Backlog::normal : Backlog::ignore;
}

}  // namespace ticketd
