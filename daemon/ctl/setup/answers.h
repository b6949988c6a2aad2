#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/config_node.h"
#include "daemon/config/settings.h"
#include "daemon/ctl/setup/secret.h"
#include "daemon/net/connection.h"

namespace ticketd {

/// A file of a secret that setup writes into the folder of the credentials.
struct Credential {
  std::string name;
  std::string value;
};

/// What setup has asked for. The files of secrets get their names last (name_secret_files).
struct SetupAnswers {
  std::string address, name, time_zone;
  std::vector<std::string> admins;
  std::string store_path;  ///< empty: the default
  MailboxSettings mailbox;
  ServerSettings smtp;
  StaffMember member;
  Secret imap_password, smtp_password, client_secret, refresh_token;
  std::vector<Credential> new_secrets;
  std::string access_token;  ///< was had for both servers; empty: nobody has asked for one

  std::optional<std::uint32_t> messages;   ///< in the mailbox; nullopt: nobody has looked
  std::vector<std::string> failed_trials;  ///< what did not work and was kept as it is, in words

  /// Where setup goes on from a configuration that is there: all of it. What setup does not ask for is written as it
  /// stands there.
  ConfigNode before = ConfigNode::empty(ConfigNode::Kind::table);
  bool keeps_afterwards = false;  ///< what is done with mails once they are filed is said there
  /// `smtp.oauth2` is another than the mailbox's. Setup asks for none of its secrets, and leaves it as it is.
  bool relay_has_own_oauth2 = false;
};

inline constexpr std::string_view kImapPassword = "imap-password";
inline constexpr std::string_view kSmtpPassword = "smtp-password";
inline constexpr std::string_view kClientSecret = "oauth2-secret";
inline constexpr std::string_view kRefreshToken = "oauth2-refresh-token";

/// As the configuration calls it.
[[nodiscard]] std::string_view backlog_word(MailboxSettings::Backlog backlog);

/// How to reach these servers with what was answered.
[[nodiscard]] Endpoint mailbox_endpoint(const SetupAnswers& answers);
[[nodiscard]] Endpoint relay_endpoint(const SetupAnswers& answers);

/// The configuration file, in which no secret stands.
[[nodiscard]] std::string render_configuration(const SetupAnswers& answers);

}  // namespace ticketd
