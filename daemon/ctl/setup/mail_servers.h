#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/imap/imap_session.h"
#include "daemon/net/connection.h"
#include "daemon/oauth2/token_exchange.h"

namespace ticketd {

/// What came of trying to log in.
struct LoginTrial {
  std::string error;  ///< empty: it let us in
  NetError::Kind kind = NetError::Kind::unreachable;
};

/// What came of asking for an access token.
struct TokenTrial {
  LoginTrial login;
  TokenGrant grant;  ///< its refresh token counts even where there is no access token
};

/// A look into a mailbox that changes nothing there.
struct MailboxLook {
  LoginTrial login;
  std::vector<std::string> folders;  ///< empty also when the server does not tell
  std::uint32_t messages = 0;        ///< in the folder that was asked for
  std::string folder_error;          ///< why it could not be opened; empty: it could
};

/// The mail servers, as setup needs them. Every call waits for the answer.
class MailServers {
 public:
  virtual ~MailServers() = default;
  /// An access token for a server with `oauth2`. It is nowhere but in the result, and so is a refresh token with it.
  [[nodiscard]] virtual TokenTrial fetch_token(const ServerSettings& server, const OAuth2Secrets& secrets) = 0;
  /// Logs in, lists the folders, and opens that one read-only.
  [[nodiscard]] virtual MailboxLook look(const Endpoint& endpoint, const std::string& folder) = 0;
  /// Logs in to a mail server that sends, and sends nothing.
  [[nodiscard]] virtual LoginTrial try_relay(const Endpoint& endpoint) = 0;
};

/// Those that are really there.
class RealMailServers : public MailServers {
 public:
  [[nodiscard]] TokenTrial fetch_token(const ServerSettings& server, const OAuth2Secrets& secrets) override;
  [[nodiscard]] MailboxLook look(const Endpoint& endpoint, const std::string& folder) override;
  [[nodiscard]] LoginTrial try_relay(const Endpoint& endpoint) override;
};

/// Gives the newest `count` mails of a folder to `take`, the oldest of them first, and the number of all mails as the
/// result. Read-only (EXAMINE, BODY.PEEK). Throws NetError, ImapRefused, and what `take` throws.
std::size_t fetch_newest(const Endpoint& endpoint, const std::string& folder, std::size_t count,
                         const ImapLimits& limits, const std::function<void(ImapMail)>& take);

}  // namespace ticketd
