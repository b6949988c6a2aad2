#include "daemon/ctl/setup/server_dialogue.h"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/config/checks.h"
#include "daemon/config/value_types.h"
#include "daemon/ctl/setup/carried.h"
#include "daemon/ctl/setup/checks.h"
#include "daemon/ctl/setup/folders.h"
#include "daemon/ctl/setup/oauth2_dialogue.h"
#include "parsers/ascii.h"
#include "parsers/printable.h"

namespace ticketd {
namespace {

std::string domain_of(const std::string& address) { return address.substr(address.rfind('@') + 1); }

/// The ledger's name for the mailbox.
std::string mailbox_name(const std::string& address, const TakenNames& taken) {
  auto local = to_lower(address.substr(0, address.rfind('@')));
  if (local == kPipeMailbox) local = "support";
  const auto is_taken = [&taken](const std::string& name) {
    return std::ranges::any_of(taken.mailboxes, [&](const auto& each) { return equals_ignoring_case(each, name); });
  };
  auto name = local;
  for (int i = 2; is_taken(name); ++i) name = fmt::format("{}-{}", local, i);
  return name;
}

bool is_same_host(const ServerSettings& server, const ServerSettings& before) {
  return equals_ignoring_case(url_host(server.url), url_host(before.url));
}

bool shares_login(const SetupAnswers& answers) {
  const auto& relay = answers.smtp;
  const bool shares_password =
      !relay.password_file.empty() && relay.password_file == answers.mailbox.server.password_file;
  return relay.oauth2 ? !answers.relay_has_own_oauth2 : shares_password;
}

std::string mails(std::uint32_t count) { return count == 1 ? "one mail" : fmt::format("{} mails", count); }

}  // namespace

ServerDialogue::ServerDialogue(Interview& interview, MailServers* servers, const DialogueOptions& options,
                               SetupAnswers& answers)
    : interview_(interview),
      servers_(servers),
      options_(options),
      answers_(answers),
      relay_has_no_login_(!answers.smtp.url.empty() && answers.smtp.user.empty()),
      relay_shares_login_(answers.smtp.url.empty() || shares_login(answers)) {}

void ServerDialogue::ask_for_mailbox() {
  ask_for_provider();
  ask_for_kind_of_login();
  auto& url = answers_.mailbox.server.url;
  if (provider_ == "own")
    ask_for_imap_server(url.empty() ? guess_.imap : url, url.empty() && !guess_.is_known);
  else if (url.empty())
    url = guess_.imap;
  ask_for_imap_login();
  if (answers_.mailbox.server.oauth2) OAuth2Dialogue(interview_, answers_, provider_).ask();
  try_mailbox();
  name_mailbox();
  const bool has_begun = options_.has_begun && options_.has_begun(answers_.mailbox);
  if ((answers_.messages != 0u && !has_begun) || !interview_.can_correct()) ask_for_backlog();
}

/// The ledger knows a mailbox by its name, which it keeps as long as it is the same one.
void ServerDialogue::name_mailbox() {
  const auto& before = options_.before;
  const auto& server = answers_.mailbox.server;
  const bool is_same = equals_ignoring_case(answers_.address, before.address) ||
                       (is_same_host(server, before.mailbox.server) && server.user == before.mailbox.server.user);
  if (before.mailbox.name.empty() || !is_same) answers_.mailbox.name = mailbox_name(answers_.address, options_.taken);
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
  provider_ = interview_.ask({.key = "provider",
                              .words = "Mail provider (google, microsoft365, own)",
                              .explanation =
                                  "google: Gmail, and Google Workspace with a domain of your own.\n"
                                  "microsoft365: Exchange Online, with a domain of your own as well, and outlook.com.\n"
                                  "own: any other; its servers are asked for.",
                              .fallback = std::string(before),
                              .check = one_of_words({"google", "microsoft365", "own"})});
  guess_ = provider_ == "own" ? guess_servers(domain) : servers_of_provider(provider_);
  if (provider_ == before) return;
  forget_servers();
}

/// Those of another provider are no suggestion, and what is peculiar to them is not taken over.
void ServerDialogue::forget_servers() {
  for (auto* server : {&answers_.mailbox.server, &answers_.smtp}) {
    server->url.clear();
    server->user.clear();
    server->ca_file.clear();
    server->client_certificate_file.clear();
    server->client_key_file.clear();
    server->oauth2.reset();
    server->tls_required = true;
  }
  for (auto* secret :
       {&answers_.imap_password, &answers_.smtp_password, &answers_.client_secret, &answers_.refresh_token})
    *secret = {};
  relay_has_no_login_ = false;
  relay_shares_login_ = true;
  answers_.relay_has_own_oauth2 = false;
  const MailboxSettings usual;
  auto& mailbox = answers_.mailbox;
  mailbox.folder = usual.folder;
  mailbox.processed = usual.processed;
  mailbox.failed = usual.failed;
  answers_.keeps_afterwards = false;
  const bool had_certificate = leave_out(answers_.before, "mailbox", {"client_certificate_file", "client_key_file"});
  if (leave_out(answers_.before, "smtp", {"client_certificate_file", "client_key_file", "fallback"}) || had_certificate)
    interview_.say(
        "  Client certificates and [[smtp.fallback]] are those of the servers before, and left out from now on.\n");
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
             "(/usr/share/doc/ticketd/docs/login.md says how).",
         .fallback = must_be_oauth2 || server.oauth2 ? "oauth2" : "password",
         .check = must_be_oauth2 ? one_of_words({"oauth2"}) : one_of_words({"password", "oauth2"})});
  if (login == "oauth2") {
    answers_.imap_password = {};
    if (!server.oauth2) server.oauth2.emplace();
    return;
  }
  server.oauth2.reset();
  answers_.client_secret = {};
  answers_.refresh_token = {};
}

void ServerDialogue::ask_for_imap_server(const std::string& suggestion, bool is_guess) {
  auto& server = answers_.mailbox.server;
  server.url = interview_.ask(
      {.key = "imap_server",
       .words = "IMAP server",
       .explanation =
           "Where your mail arrives: a host, HOST:PORT, or a URL. imaps:// is TLS from the start (port 993), "
           "imap:// begins in plain text and changes to TLS (143). With another port and no URL, both are "
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
           "is TLS from the start (465). With a port that is neither and no URL, both are tried, smtps:// "
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
  if (!may_go_to(password, server.url)) password = {};
  password = ask_for_password({.key = "imap_password", .words = "IMAP password"}, server, password);
}

/// A certificate may be the whole login.
Secret ServerDialogue::ask_for_password(SecretQuestion question, const ServerSettings& server, const Secret& usual) {
  if (!server.client_certificate_file.empty()) question.when_none = "the certificate is enough";
  return ask_for_secret(interview_, question, usual);
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
  const auto login = relay_has_no_login_ ? "none" : ask_for_kind_of_relay_login();
  if (login == "before") return;
  answers_.relay_has_own_oauth2 = false;
  server.oauth2.reset();
  if (login == "password") return ask_for_smtp_password();
  answers_.smtp_password = {};
  if (login == "oauth2") {
    server.oauth2 = answers_.mailbox.server.oauth2;
    relay_shares_login_ = true;
  }
}

/// "password", "oauth2", which is the mailbox's, or "before": an OAuth 2 login of its own stays.
std::string ServerDialogue::ask_for_kind_of_relay_login() {
  const bool is_as_before = answers_.relay_has_own_oauth2 && is_same_host(answers_.smtp, options_.before.smtp);
  const bool may_share = answers_.mailbox.server.oauth2.has_value();
  if (!is_as_before && !may_share) return "password";
  if (!is_as_before && may_suggest_mailbox_login() && answers_.smtp.url == guess_.smtp && provider_ != "own")
    return "oauth2";
  std::vector<std::string> kinds{"password"};
  if (may_share) kinds.insert(kinds.begin(), "oauth2");
  if (is_as_before) kinds.insert(kinds.begin(), "before");
  return interview_.ask({.key = "smtp_login",
                         .words = fmt::format("SMTP: log in by {}{}a password{}",
                                              is_as_before ? "the OAuth 2 of its own as before, " : "",
                                              may_share ? "oauth2, as for IMAP, or by " : "or by ",
                                              is_as_before ? fmt::format(" ({})", fmt::join(kinds, ", ")) : ""),
                         .fallback = is_as_before                  ? "before"
                                     : may_suggest_mailbox_login() ? "oauth2"
                                                                   : "password",
                         .check = one_of_words(kinds)});
}

/// Where the relay had it before, or there was no relay; and not where one of the two servers alone is another.
bool ServerDialogue::may_suggest_mailbox_login() const {
  const auto& before = options_.before;
  return relay_shares_login_ &&
         is_same_host(answers_.mailbox.server, before.mailbox.server) == is_same_host(answers_.smtp, before.smtp);
}

/// The mailbox's password, which Enter took for the relay, is none that was typed for it.
void ServerDialogue::ask_for_smtp_password() {
  const auto& server = answers_.smtp;
  const auto& shared = answers_.imap_password;
  auto& password = answers_.smtp_password;
  const bool may_share = may_suggest_mailbox_login() && may_go_to(shared, server.url) && shared.is_there();
  const bool was_shared = relay_shares_login_ && password.hosts.empty();
  if (may_share)
    password = shared;
  else if (was_shared || !may_go_to(password, server.url))
    password = {};
  password = ask_for_password({.key = "smtp_password",
                               .words = "SMTP password",
                               .shown = may_share ? std::string_view("the same as for IMAP") : kAsBefore},
                              server, password);
  relay_shares_login_ = password.is_there() && password.value == shared.value && password.file == shared.file;
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
  const auto there =
      answers_.messages
          ? fmt::format("{} holds {} already.\n", printable_line(answers_.mailbox.folder), mails(*answers_.messages))
          : fmt::format("Whether {} holds mails already is not known.\n", printable_line(answers_.mailbox.folder));
  const auto word = interview_.ask(
      {.key = "backlog",
       .words = "Mails that are there already (ignore, silent, normal)",
       .explanation = there +
                      "ignore: they stay where they are, and nothing comes of them; ticketd begins with the next "
                      "mail that arrives.\n"
                      "silent: each becomes a ticket, but nobody is answered or called for it.\n"
                      "normal: they are treated as if they had arrived just now, and answered.",
       .fallback = std::string(backlog_word(backlog)),
       .check = one_of_words({"ignore", "silent", "normal"})});
  backlog = word == "silent" ? Backlog::silent : word == "normal" ? Backlog::normal : Backlog::ignore;
}

}  // namespace ticketd
