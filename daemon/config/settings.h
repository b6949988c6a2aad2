#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "parsers/time.h"
#include "rules/ruleset.h"
#include "rules/templates.h"

namespace ticketd {

struct OAuth2Settings {
  std::string token_url, client_id, client_secret_file, grant, refresh_token_file, scope;
};

/// What [[mailbox]], [smtp] and each fallback share. Secrets are named here, never held.
struct ServerSettings {
  std::string url;
  std::string user;
  std::string password_file;
  std::optional<OAuth2Settings> oauth2;
  bool tls_required = true;
  std::string ca_file, client_certificate_file, client_key_file, proxy;
};

/// What is done with a mail on the server: keep, seen, delete, or move (to `folder`).
struct AfterwardsSettings {
  enum class Action { keep, seen, remove, move };
  Action action = Action::move;
  std::string folder;
};

struct MailboxSettings {
  enum class Backlog { ignore, silent, normal };
  std::string name;
  ServerSettings server;
  std::string folder = "INBOX";
  Channel channel = Channel::portal;
  AfterwardsSettings processed{AfterwardsSettings::Action::move, "Processed"};
  AfterwardsSettings failed{AfterwardsSettings::Action::move, "Failed"};
  Duration poll_interval = std::chrono::seconds{60};
  Backlog backlog = Backlog::ignore;
  std::string lease_folder;  ///< of the account: who works on `folder`; empty: nobody asks
};

struct SmtpSettings {
  std::vector<ServerSettings> servers;  ///< the main one, then the fallbacks
  Duration retry_first = std::chrono::minutes{1};
  Duration retry_max = std::chrono::hours{1};
  Duration give_up = std::chrono::days{2};
};

/// The whole configuration, typed. `ruleset` is what decisions depend on.
struct Settings {
  std::filesystem::path store_path;
  std::vector<MailboxSettings> mailboxes;
  SmtpSettings smtp;
  Ruleset ruleset;
  std::optional<Duration> raw_mail_retention;  ///< nullopt: for ever
  std::uint64_t message_size = 35'000'000;
  std::uint32_t mime_depth = 32;
  std::uint32_t mime_parts = 1000;
  std::filesystem::path template_directory;  ///< empty: the built-in texts alone
  Templates templates;                       ///< the built-in texts, and those of the directory in place of them
  std::filesystem::path status_page_directory;
  std::string metrics_listen;
};

/// One thing wrong (or unwise) in a configuration: `FILE:LINE:COLUMN: message`.
struct ConfigProblem {
  std::string file;
  std::uint32_t line = 0, column = 0;
  std::string message;
  bool warning = false;
};

struct LoadedSettings {
  std::optional<Settings> settings;     ///< nullopt when any problem is an error
  std::vector<ConfigProblem> problems;  ///< all of them, in the order of files and lines
};

/// Are the files of secrets looked at? Whoever needs no secret does not care whether they are there, and may not be
/// allowed to see them.
enum class SecretFiles { checked, left_alone };

/// Reads FILE and `conf.d/*.toml` beside it in name order (arrays of tables append, other keys replace), checks every
/// key against the table of settings. Reads no secret, touches nothing.
[[nodiscard]] LoadedSettings load_settings(const std::filesystem::path& file,
                                           SecretFiles secrets = SecretFiles::checked);

/// "FILE:LINE:COLUMN: message", with "warning: " before the message of a warning.
[[nodiscard]] std::string to_string(const ConfigProblem& problem);

/// The mailbox that `ticketctl ingest` files its mails under.
inline constexpr std::string_view kPipeMailbox = "pipe";

/// A secret from the file that a setting names: an absolute path, or a name looked up in $CREDENTIALS_DIRECTORY, else
/// in /etc/ticketd/credentials. One trailing newline is dropped. Throws std::runtime_error: missing, empty, larger than
/// 64 KB, or (outside $CREDENTIALS_DIRECTORY) readable by others.
[[nodiscard]] std::string read_secret(const std::string& setting);

/// Why `read_secret` will not give it, as far as can be told without reading it: PATH and reason.
struct SecretProblem {
  std::string what;
  bool exists = false;  ///< false: it may still come, or others may be allowed to see it
};
[[nodiscard]] std::optional<SecretProblem> find_secret_problem(const std::string& setting);

}  // namespace ticketd
