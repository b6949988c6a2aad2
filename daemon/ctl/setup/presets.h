#pragma once

#include <string>
#include <string_view>

namespace ticketd {

/// Where the mail servers of a domain are, as far as one can know without asking anybody.
struct ServerGuess {
  std::string imap, smtp;            ///< URLs
  std::string next_imap, next_smtp;  ///< when there is no such host; empty: no further idea
  bool is_known = false;             ///< of a provider whose servers are known; else made of the domain's name
  std::string advice = {};           ///< how one logs in there; may be empty
  std::string token_advice = {};     ///< what to look at when a login by OAuth 2 is refused; may be empty
};

[[nodiscard]] ServerGuess guess_servers(std::string_view domain);
/// "google", "microsoft365" or "own".
[[nodiscard]] std::string_view guess_provider(std::string_view domain);
/// The servers of "google" and "microsoft365".
[[nodiscard]] ServerGuess servers_of_provider(std::string_view provider);
/// The provider with that IMAP server.
[[nodiscard]] std::string_view provider_of_server(std::string_view imap_host);

/// A person's "imap.example.com", "imap.example.com:143" or whole URL as a URL. A port that is usual tells the scheme;
/// with any other it is the one with TLS from the start.
[[nodiscard]] std::string imap_url(std::string_view text);
[[nodiscard]] std::string smtp_url(std::string_view text);
/// The one that begins in plain text, where the text leaves open which is meant; else empty.
[[nodiscard]] std::string other_imap_url(std::string_view text);
[[nodiscard]] std::string other_smtp_url(std::string_view text);

}  // namespace ticketd
