#include "daemon/ctl/setup/oauth2_dialogue.h"

#include <fmt/format.h>

#include "daemon/config/value_types.h"
#include "daemon/ctl/setup/checks.h"
#include "daemon/ctl/setup/presets.h"
#include "parsers/ascii.h"

namespace ticketd {
namespace {

constexpr std::string_view kClientGrant = "client_credentials";
constexpr std::string_view kRefreshGrant = "refresh_token";
constexpr std::string_view kMicrosoftHost = "https://login.microsoftonline.com/";
constexpr std::string_view kMicrosoftPath = "/oauth2/v2.0/token";

/// Of Microsoft's token URL; empty: it is another one.
std::string tenant_of(std::string_view url) {
  if (!url.starts_with(kMicrosoftHost) || !url.ends_with(kMicrosoftPath)) return {};
  url.remove_prefix(kMicrosoftHost.size());
  if (url.size() <= kMicrosoftPath.size()) return {};
  url.remove_suffix(kMicrosoftPath.size());
  return std::string(url);
}

}  // namespace

void OAuth2Dialogue::ask() {
  auto& server = answers_.mailbox.server;
  OAuth2Settings& oauth2 = server.oauth2 ? *server.oauth2 : server.oauth2.emplace();
  oauth2.client_id = interview_.ask({.key = "oauth2_client_id",
                                     .words = "OAuth 2: client (application) id",
                                     .fallback = if_any(oauth2.client_id),
                                     .check = checked_by(line())});
  ask_for_grant(oauth2);
  const std::string host_before(url_host(oauth2.token_url));
  ask_for_token_endpoint(oauth2);
  const bool is_other_host = !equals_ignoring_case(url_host(oauth2.token_url), host_before);
  for (auto* secret : {&answers_.client_secret, &answers_.refresh_token}) {
    const bool may_go = may_go_to(*secret, oauth2.token_url) && may_go_to(*secret, server.url);
    if (is_other_host || !may_go) *secret = {};  // typed ones, and those that the provider gave, are for that one too
  }
  ask_for_client_secret(oauth2);
  ask_for_refresh_token(oauth2);
}

/// They have no tenant whose administrator could grant an application anything.
bool OAuth2Dialogue::is_personal_microsoft_account() const {
  return provider_ == "microsoft365" &&
         guess_provider(answers_.address.substr(answers_.address.rfind('@') + 1)) == "microsoft365";
}

void OAuth2Dialogue::ask_for_grant(OAuth2Settings& oauth2) {
  if (provider_ == "google") {
    oauth2.grant = kRefreshGrant;
    return;
  }
  const auto usual = is_personal_microsoft_account() ? kRefreshGrant : kClientGrant;
  oauth2.grant =
      interview_.ask({.key = "oauth2_grant",
                      .words = "OAuth 2: client_credentials or refresh_token",
                      .explanation = "client_credentials: an administrator has allowed the application to use "
                                     "the mailbox.\nrefresh_token: the mailbox's owner has consented once, "
                                     "and the provider gave a refresh token for it.",
                      .fallback = oauth2.grant.empty() ? std::string(usual) : oauth2.grant,
                      .check = one_of_words({std::string(kClientGrant), std::string(kRefreshGrant)})});
}

void OAuth2Dialogue::ask_for_token_endpoint(OAuth2Settings& oauth2) {
  if (provider_ == "google") {
    oauth2.token_url = "https://oauth2.googleapis.com/token";
    oauth2.scope = "https://mail.google.com/";
    return;
  }
  if (provider_ == "microsoft365") return ask_for_tenant(oauth2);
  oauth2.token_url = interview_.ask({.key = "oauth2_token_url",
                                     .words = "OAuth 2: token URL",
                                     .fallback = if_any(oauth2.token_url),
                                     .check = token_url()});
  oauth2.scope = interview_.ask({.key = "oauth2_scope",
                                 .words = oauth2.scope.empty() ? "OAuth 2: scope (Enter: none)" : "OAuth 2: scope",
                                 .fallback = oauth2.scope,
                                 .check = checked_by(line())});
}

void OAuth2Dialogue::ask_for_tenant(OAuth2Settings& oauth2) {
  auto before = tenant_of(oauth2.token_url);
  if (before.empty() && is_personal_microsoft_account()) before = "consumers";
  const auto tenant = interview_.ask({.key = "oauth2_tenant",
                                      .words = "OAuth 2: directory (tenant) id, or the tenant's domain",
                                      .fallback = if_any(before),
                                      .check = checked_by(domain())});
  oauth2.token_url = fmt::format("{}{}{}", kMicrosoftHost, tenant, kMicrosoftPath);
  oauth2.scope = oauth2.grant == kRefreshGrant ? "https://outlook.office.com/IMAP.AccessAsUser.All "
                                                 "https://outlook.office.com/SMTP.Send offline_access"
                                               : "https://outlook.office365.com/.default";
}

/// With a refresh token there need not be one: the application may be a public client (RFC 6749 §2.1).
void OAuth2Dialogue::ask_for_client_secret(const OAuth2Settings& oauth2) {
  auto& secret = answers_.client_secret;
  secret = ask_for_secret(interview_,
                          {.key = "oauth2_client_secret",
                           .words = "OAuth 2: client secret",
                           .when_none = oauth2.grant == kRefreshGrant ? "there is none" : ""},
                          secret);
}

void OAuth2Dialogue::ask_for_refresh_token(const OAuth2Settings& oauth2) {
  auto& token = answers_.refresh_token;
  if (oauth2.grant == kRefreshGrant)
    token = ask_for_secret(interview_, {.key = "oauth2_refresh_token", .words = "OAuth 2: refresh token"}, token);
  else
    token = {};
}

}  // namespace ticketd
