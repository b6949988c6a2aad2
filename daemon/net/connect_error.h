#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/net/connection.h"

namespace ticketd {

/// How far an attempt to connect came.
struct ConnectReport {
  int curl_code = 0;   ///< CURLcode
  std::string detail;  ///< libcurl's own words; may be empty
  std::string url;
  std::string transcript;  ///< what the server said
  std::chrono::milliseconds timeout{};
  std::vector<std::string_view> secrets = {};  ///< what was sent, and what no text may quote
};

/// What failed, in words for a person, with the server's own text where it gave one. Never holds a credential.
[[nodiscard]] NetError connect_error(const ConnectReport& report);

/// The URL without user name and password.
[[nodiscard]] std::string public_url(std::string_view url);
/// True for smtp:// and smtps://.
[[nodiscard]] bool is_smtp(std::string_view url);

/// The text of the server's last refusal (IMAP: tagged NO or BAD, or BYE; SMTP: 4yz or 5yz); empty when there is none.
/// One printable line.
[[nodiscard]] std::string refusal_in(std::string_view transcript, bool smtp);
/// The refusal says that it is only for now: RFC 5530 §3 UNAVAILABLE, INUSE, SERVERBUG; RFC 5321 §4.2.1 4yz.
[[nodiscard]] bool is_temporary(std::string_view refusal, bool smtp);
/// An IMAP greeting that says that we are logged in already, as nobody knows whom (RFC 9051 §7.1.4).
[[nodiscard]] bool is_preauth(std::string_view transcript);
/// The IMAP server offers no SASL PLAIN or LOGIN, so that only its LOGIN command is left.
[[nodiscard]] bool offers_login_command_only(std::string_view transcript);
/// The SMTP server has accepted a login (RFC 4954 §4): libcurl sends unauthenticated when AUTH is not offered.
[[nodiscard]] bool smtp_login_accepted(std::string_view transcript);

}  // namespace ticketd
