#include "daemon/config/sections.h"
#include "daemon/config/value_types.h"

namespace ticketd {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

Section<OAuth2Settings> oauth2_section() {
  using S = OAuth2Settings;
  return {
      key("token_url", url({"https", "http"}, UrlPath::any, false), &S::token_url, "Where access tokens are asked for.")
          .example("https://login.example.com/oauth2/token")
          .required(),
      key("client_id", line(), &S::client_id, "The application's id at the provider.").example("ticketd").required(),
      key("client_secret_file", secret_file(), &S::client_secret_file, "The file of the application's secret.")
          .otherwise("")
          .example("oauth2-secret"),
      key("grant",
          one_of<std::string>({{"client_credentials", "client_credentials"}, {"refresh_token", "refresh_token"}}),
          &S::grant, "How a token is obtained.")
          .example("client_credentials")
          .required(),
      key("refresh_token_file", secret_file(), &S::refresh_token_file,
          "The file of the first refresh token; a rotated one is kept in the store.")
          .otherwise(""),
      key("scope", line(), &S::scope, "What the token is asked for.").otherwise(""),
  };
}

OAuth2Settings& emplace_oauth2(ServerSettings& server) { return server.oauth2.emplace(); }

// How to log in and how to trust: the same for IMAP and SMTP.
Section<ServerSettings> login_section(const char* secret) {
  using S = ServerSettings;
  return {
      key("password_file", secret_file(), &S::password_file,
          "The file of the password: an absolute path, or a name that is looked up in $CREDENTIALS_DIRECTORY, else in "
          "/etc/ticketd/credentials. The password itself never stands in the configuration.")
          .otherwise("")
          .example(secret)
          .in_use(),
      table<S>("oauth2", oauth2_section(), emplace_oauth2, "Instead of a password: OAuth 2 access tokens.")
          .otherwise(ConfigNode()),
      key("tls", one_of<bool>({{"required", true}, {"none", false}}), &S::tls_required,
          "\"none\" sends passwords and mails in the clear, and only loopback hosts may have it.")
          .otherwise("required"),
      key("ca_file", path_text(), &S::ca_file, "Further certificate authorities to believe (PEM).").otherwise(""),
      key("client_certificate_file", path_text(), &S::client_certificate_file, "The certificate to show (PEM).")
          .otherwise(""),
      key("client_key_file", path_text(), &S::client_key_file, "The key of that certificate (PEM).").otherwise(""),
      key("proxy", url({"http", "https", "socks5", "socks5h"}, UrlPath::none, true), &S::proxy,
          "The proxy to connect through.")
          .otherwise(""),
  };
}

Section<ServerSettings> imap_server_section() {
  using S = ServerSettings;
  return Section<S>{key("url", url({"imap", "imaps"}, UrlPath::none, false), &S::url,
                        "The IMAP server. imap:// begins in the clear and changes to TLS (STARTTLS).")
                        .example("imaps://imap.example.com")
                        .required(),
                    key("user", name(), &S::user, "The user to log in as.").example("support@example.com").required()} +
         login_section("imap-password");
}

Section<ServerSettings> smtp_server_section() {
  using S = ServerSettings;
  return Section<S>{
             key("url", url({"smtp", "smtps"}, UrlPath::none, false), &S::url,
                 "The relay that takes outgoing mail. smtp:// begins in the clear and changes to TLS (STARTTLS).")
                 .example("smtp://mail.example.com:587")
                 .required(),
             key("user", line(), &S::user, "The user to log in as; without one there is no login.")
                 .otherwise("")
                 .example("support@example.com")
                 .in_use()} +
         login_section("smtp-password");
}

ServerSettings& first_server(Settings& settings) {
  auto& servers = settings.smtp.servers;
  return servers.empty() ? servers.emplace_back() : servers.front();
}

}  // namespace

Section<MailboxSettings> mailbox_section() {
  using S = MailboxSettings;
  using Backlog = MailboxSettings::Backlog;
  return Section<S>{
             key("name", name(), &S::name, "What the ledger and the logs call this mailbox; unique. Never change it.")
                 .example("support")
                 .required()} +
         settings_of_part<S>(imap_server_section(), &S::server) +
         Section<S>{
             key("folder", name(), &S::folder, "The folder to read.").otherwise("INBOX"),
             key("channel", one_of<Channel>({{"portal", Channel::portal}, {"direct", Channel::direct}}), &S::channel,
                 "How mails to it count; what comes in by \"direct\" is Normal, whatever its subject says.")
                 .otherwise("portal"),
             key("processed", afterwards(true), &S::processed, "What is done with a mail once it is committed.")
                 .otherwise("move:Processed"),
             key("failed", afterwards(false), &S::failed, "The same for originals that are quarantined or too large.")
                 .otherwise("move:Failed"),
             key("poll_interval", duration(seconds(10), minutes(30)), &S::poll_interval,
                 "How often to look, beside IDLE.")
                 .otherwise("60s"),
             key("backlog",
                 one_of<Backlog>(
                     {{"ignore", Backlog::ignore}, {"silent", Backlog::silent}, {"normal", Backlog::normal}}),
                 &S::backlog,
                 "Mail already there at the first contact: \"ignore\" notes it in the ledger and does nothing else; "
                 "\"silent\" "
                 "makes tickets without acknowledgement, page, clock or breach, and moves nothing; \"normal\" treats "
                 "it as "
                 "new.")
                 .otherwise("ignore"),
             key("lease_folder", line(), &S::lease_folder,
                 "The account's folder where a mail says which ticketd reads this mailbox, so that a second one on "
                 "another machine stands by. It is made when it is missing; \"\": nobody asks.")
                 .otherwise("ticketd"),
         };
}

Section<Settings> smtp_section() {
  using S = Settings;
  return settings_of_part<S>(smtp_server_section(), first_server) +
         Section<S>{
             key<S>(
                 "null_reverse_path", flag(), [](S& s) -> bool& { return s.ruleset.null_reverse_path; },
                 "Send automatic mail with the null reverse-path, so that no bounce of it comes back.")
                 .otherwise(false),
             key<S>(
                 "retry_first", duration(seconds(5), hours(1)), [](S& s) -> Duration& { return s.smtp.retry_first; },
                 "The pause after a first transient failure; later ones grow.")
                 .otherwise("1m"),
             key<S>(
                 "retry_max", duration(minutes(1), hours(24)), [](S& s) -> Duration& { return s.smtp.retry_max; },
                 "The longest pause.")
                 .otherwise("1h"),
             key<S>(
                 "give_up", duration(hours(1), days(14)), [](S& s) -> Duration& { return s.smtp.give_up; },
                 "After this long a mail counts as failed, and a person has to look.")
                 .otherwise("2d"),
             tables<S>(
                 "fallback", smtp_server_section(), [](S & s) -> auto& { return s.smtp.servers; },
                 "Further relays, tried in order when no connection can be made."),
         };
}

}  // namespace ticketd
