// What ServerDialogue tries on the servers, and what it asks again when that fails.
#include <fmt/format.h>

#include <algorithm>

#include "daemon/config/value_types.h"
#include "daemon/ctl/session.h"
#include "daemon/ctl/setup/checks.h"
#include "daemon/ctl/setup/folders.h"
#include "daemon/ctl/setup/oauth2_dialogue.h"
#include "daemon/ctl/setup/server_dialogue.h"
#include "daemon/net/http_call.h"
#include "parsers/ascii.h"
#include "parsers/printable.h"

namespace ticketd {
namespace {

bool is_about_certificate(const LoginTrial& trial) {
  return trial.kind == NetError::Kind::tls && trial.error.find("certificate") != std::string::npos;
}

/// Its authority may be named; a wrong host or an expired one is nothing that would mend.
bool is_about_authority(const LoginTrial& trial) {
  constexpr std::string_view kOpenSslSays[] = {"self-signed certificate", "self signed certificate",
                                               "issuer certificate", "unable to verify the first certificate"};
  return trial.kind == NetError::Kind::tls && std::ranges::any_of(kOpenSslSays, [&](std::string_view words) {
           return trial.error.find(words) != std::string::npos;
         });
}

/// Nobody was reached.
bool may_pass(const LoginTrial& trial) {
  return trial.kind == NetError::Kind::unreachable || trial.kind == NetError::Kind::timeout;
}

/// The server does not speak TLS from its first octet on.
bool is_no_tls(const LoginTrial& trial) {
  return !trial.error.empty() && trial.kind == NetError::Kind::tls && !is_about_certificate(trial);
}

/// The other URL reaches a server that speaks as it should, whether it lets us in or not.
bool is_understood(const LoginTrial& trial) {
  return trial.error.empty() || trial.kind == NetError::Kind::login || is_about_certificate(trial);
}

constexpr std::string_view kOtherName = "  Another usual name is suggested.\n";

/// Without a key of the configuration that nobody has asked for yet.
std::string without_hint(std::string error) {
  constexpr std::string_view kHint = " (a certificate authority of your own goes into ca_file)";
  if (const auto at = error.find(kHint); at != std::string::npos) error.erase(at, kHint.size());
  return error;
}

/// How to mend it where nobody can be asked.
std::string way_out(const LoginTrial& trial, const char* authority) {
  return is_about_authority(trial)
             ? fmt::format(
                   "\nIf the certificate is by an authority of your own, name its file: {} = \"/etc/ticketd/…\"",
                   authority)
             : std::string();
}

}  // namespace

bool ServerDialogue::wants_correction(const char* what, const LoginTrial& trial, const char* authority) {
  const auto error = printable_line(without_hint(trial.error));
  if (!interview_.can_correct())
    throw CommandFailure(may_pass(trial) ? kExitTryAgain : kExitUnavailable,
                         fmt::format("{} does not work: {}{}\nNothing was written (--no-probe: write it untried).",
                                     what, error, way_out(trial, authority)));
  interview_.say(fmt::format("  That does not work: {}\n", error));
  const auto& advice = answers_.mailbox.server.oauth2 ? guess_.token_advice : guess_.advice;
  if (trial.kind == NetError::Kind::login && !advice.empty()) interview_.say("  " + advice + "\n");
  const auto wish = interview_.ask({.key = "",
                                    .words = "Correct it, or keep it as it is (correct, keep)",
                                    .fallback = "correct",
                                    .check = one_of_words({"correct", "keep"})});
  if (wish == "keep") answers_.failed_trials.emplace_back(what);
  return wish == "correct";
}

bool ServerDialogue::ask_for_authority(ServerSettings& server, const char* key) {
  const auto file = interview_.ask(
      {.key = key,
       .words = server.ca_file.empty() ? "File with the authority's certificate (PEM; Enter: there is none)"
                                       : "File with the authority's certificate (PEM)",
       .explanation = "This machine does not know the authority that vouches for the server. If it is one of your own, "
                      "your company's say, name the file with its certificate: ticketd then believes it for this "
                      "server.",
       .fallback = server.ca_file,
       .check = certificate_file(options_.daemon, interview_.can_correct() ? "in another terminal" : "")});
  const bool is_new = !file.empty() && file != server.ca_file;
  server.ca_file = file;
  return is_new;
}

ServerDialogue::Way ServerDialogue::ask_for_way(const char* what, ServerSettings& server, const char* key) {
  if (ask_for_authority(server, key)) return Way::again;
  const bool has_file = !server.ca_file.empty();
  const auto wish = interview_.ask(
      {.key = "",
       .words = has_file ? "Try it again, correct what else was said, or keep all as it is (again, correct, keep)"
                         : "Correct what else was said, such as the server, or keep all as it is (correct, keep)",
       .explanation = has_file ? "The file is the one of before; what stands in it may be another certificate by now."
                               : "Without such a file this server can't be believed, and nobody logs in there. You "
                                 "can name the file later: ca_file of the configuration.",
       .fallback = has_file ? "again" : "keep",
       .check = has_file ? one_of_words({"again", "correct", "keep"}) : one_of_words({"correct", "keep"})});
  if (wish == "again") return Way::again;
  if (wish == "correct") return Way::correct;
  answers_.failed_trials.emplace_back(what);
  return Way::keep;
}

/// A URL, and where that has no TLS from the start, the other one that may be meant.
LoginTrial ServerDialogue::try_urls(ServerSettings& server, std::string& instead,
                                    const std::function<LoginTrial()>& attempt) {
  interview_.say(fmt::format("Trying {} …\n", printable_line(server.url)));
  auto trial = attempt();
  if (instead.empty() || !is_no_tls(trial)) return trial;
  interview_.say(fmt::format("  No TLS from the start there. Trying {} …\n", printable_line(instead)));
  std::swap(server.url, instead);
  const auto other = attempt();
  if (is_understood(other)) {
    interview_.say(fmt::format("  It begins in plain text, so {} is taken.\n", printable_line(server.url)));
    instead.clear();
    return other;
  }
  std::swap(server.url, instead);
  if (!may_pass(other)) trial.error += "; " + other.error;
  return trial;
}

MailboxLook ServerDialogue::look() {
  auto& mailbox = answers_.mailbox;
  MailboxLook seen;
  auto login = try_urls(mailbox.server, imap_instead_, [&] {
    seen = servers_->look(mailbox_endpoint(answers_), mailbox.folder);
    return seen.login;
  });
  seen.login = std::move(login);
  return seen;
}

LoginTrial ServerDialogue::try_relay_login() {
  return try_urls(answers_.smtp, smtp_instead_, [this] { return servers_->try_relay(relay_endpoint(answers_)); });
}

bool ServerDialogue::try_token() {
  for (;;) {
    const auto& server = answers_.mailbox.server;
    interview_.say(fmt::format("Asking {} for an access token …\n", origin_of(server.oauth2->token_url)));
    auto trial = servers_->fetch_token(server, {answers_.client_secret.value, answers_.refresh_token.value});
    take_refresh_token(trial.grant.refresh_token);
    answers_.access_token = std::move(trial.grant.access_token);
    if (trial.login.error.empty()) return true;
    answers_.access_token.clear();
    if (!correct_token(trial.login)) return false;
  }
}

/// The one before it may be worth nothing from now on.
void ServerDialogue::take_refresh_token(const std::string& next) {
  auto& token = answers_.refresh_token;
  if (next.empty() || next == token.value) return;
  token.value = next;
  token.file.clear();
  if (options_.on_new_refresh_token) options_.on_new_refresh_token();
  interview_.say(
      "  The provider has handed out another refresh token, which takes the place of yours. It is used from now on, "
      "and written with the rest; if nothing is written in the end, the provider may want a new consent.\n");
}

bool ServerDialogue::correct_token(const LoginTrial& trial) {
  constexpr auto kWhat = "The request for an access token", kAuthority = "imap_ca_file";
  if (!wants_correction(kWhat, trial, kAuthority)) return false;
  if (is_about_authority(trial))
    if (const auto way = ask_for_way(kWhat, answers_.mailbox.server, kAuthority); way != Way::correct)
      return way == Way::again;
  OAuth2Dialogue(interview_, answers_, provider_).ask();
  return true;
}

bool ServerDialogue::correct_oauth2() {
  OAuth2Dialogue(interview_, answers_, provider_).ask();
  const bool has_token = try_token();
  if (answers_.smtp.oauth2 && !answers_.relay_has_own_oauth2) answers_.smtp.oauth2 = answers_.mailbox.server.oauth2;
  return has_token;
}

bool ServerDialogue::ask_for_other_imap_server() {
  const auto& url = answers_.mailbox.server.url;
  const std::string host(url_host(url));
  const bool was_guess = url == guess_.imap && !guess_.next_imap.empty();
  if (was_guess) interview_.say(kOtherName);
  ask_for_imap_server(was_guess ? guess_.next_imap : url, true);
  return equals_ignoring_case(host, url_host(url));
}

bool ServerDialogue::ask_for_other_smtp_server() {
  const auto& url = answers_.smtp.url;
  const std::string host(url_host(url));
  const bool was_guess = url == guess_.smtp && !guess_.next_smtp.empty();
  if (was_guess) interview_.say(kOtherName);
  ask_for_smtp_server(was_guess ? guess_.next_smtp : url, true);
  return equals_ignoring_case(host, url_host(url));
}

/// Where a certificate alone was wrong, nobody has looked at user and password yet. They are asked for again only when
/// they are to go to another host: a password is for the one that it was typed for.
bool ServerDialogue::correct_mailbox(const LoginTrial& trial) {
  constexpr auto kWhat = "The login to the IMAP server", kAuthority = "imap_ca_file";
  auto& server = answers_.mailbox.server;
  if (!wants_correction(kWhat, trial, kAuthority)) return false;
  if (is_about_authority(trial))
    if (const auto way = ask_for_way(kWhat, server, kAuthority); way != Way::correct) return way == Way::again;
  const bool is_same_host = trial.kind == NetError::Kind::login || ask_for_other_imap_server();
  const bool may_stay = is_same_host && may_go_to(answers_.imap_password, server.url);
  if (!is_about_certificate(trial) || !may_stay) ask_for_imap_login();
  if (!server.oauth2) return true;
  const bool may_go = may_go_to(answers_.client_secret, server.url) && may_go_to(answers_.refresh_token, server.url);
  return (trial.kind != NetError::Kind::login && may_go) || correct_oauth2();
}

bool ServerDialogue::lacks_secret() const {
  return answers_.imap_password.is_elsewhere() || answers_.client_secret.is_elsewhere() ||
         answers_.refresh_token.is_elsewhere();
}

bool ServerDialogue::try_mailbox_login(MailboxLook& seen) {
  for (seen = look(); !seen.login.error.empty(); seen = look())
    if (!correct_mailbox(seen.login)) return false;
  return true;
}

void ServerDialogue::try_mailbox() {
  auto& server = answers_.mailbox.server;
  if (!interview_.can_correct()) {
    static_cast<void>(ask_for_authority(server, "imap_ca_file"));
    answers_.mailbox.folder =
        interview_.ask({.key = "folder", .words = "Folder to read", .fallback = "INBOX", .check = checked_by(name())});
  }
  if (servers_ == nullptr || lacks_secret()) return;
  if (server.oauth2 && !try_token()) return;
  MailboxLook seen;
  if (try_mailbox_login(seen)) choose_folder(std::move(seen));
}

/// What is corrected of OAuth 2 is the mailbox's too, so that is tried once more.
bool ServerDialogue::correct_relay(const LoginTrial& trial) {
  constexpr auto kWhat = "The login to the SMTP server", kAuthority = "smtp_ca_file";
  auto& server = answers_.smtp;
  if (!wants_correction(kWhat, trial, kAuthority)) return false;
  if (is_about_authority(trial))
    if (const auto way = ask_for_way(kWhat, server, kAuthority); way != Way::correct) return way == Way::again;
  const bool is_same_host = trial.kind == NetError::Kind::login || ask_for_other_smtp_server();
  const bool may_stay = is_same_host && !server.oauth2 && may_go_to(answers_.smtp_password, server.url) &&
                        (!relay_shares_login_ || may_suggest_mailbox_login());
  if (!is_about_certificate(trial) || !may_stay) ask_for_smtp_login();
  if (trial.kind != NetError::Kind::login || !server.oauth2) return true;
  MailboxLook seen;
  return correct_oauth2() && try_mailbox_login(seen);
}

void ServerDialogue::try_relay() {
  auto& server = answers_.smtp;
  const bool is_new = server.url != options_.before.smtp.url;
  if (server.ca_file.empty() && is_new) server.ca_file = answers_.mailbox.server.ca_file;
  if (!interview_.can_correct()) static_cast<void>(ask_for_authority(server, "smtp_ca_file"));
  if (servers_ == nullptr) return;
  if (answers_.relay_has_own_oauth2)
    return interview_.say(
        "The SMTP server's OAuth 2 login stays as it was, and is not tried; `ticketctl probe` does.\n");
  if ((server.oauth2 && answers_.access_token.empty()) || answers_.smtp_password.is_elsewhere()) return;
  for (;;) {
    const auto trial = try_relay_login();
    if (trial.error.empty())
      return interview_.say(server.user.empty() ? "  It answers; no login was tried.\n" : "  It let us in.\n");
    if (!correct_relay(trial)) return;
  }
}

}  // namespace ticketd
