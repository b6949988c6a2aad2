#include "daemon/oauth2/token_names.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <array>
#include <initializer_list>

namespace ticketd {
namespace {

std::string digest_of(std::string_view octets) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(octets.data()), octets.size(), digest.data());
  std::string text;
  for (const auto octet : digest) text += fmt::format("{:02x}", octet);
  return text;
}

/// Each with its length: no two lists have the same.
std::string digest_of(std::initializer_list<std::string_view> parts) {
  std::string octets;
  for (const auto part : parts) octets += fmt::format("{}:{}", part.size(), part);
  return digest_of(octets);
}

}  // namespace

std::string credential_name(const ServerSettings& server) {
  return digest_of({server.oauth2->token_url, server.oauth2->client_id});
}

std::string token_login(const ServerSettings& server) {
  const OAuth2Settings& oauth2 = *server.oauth2;
  return digest_of({oauth2.token_url, oauth2.client_id, oauth2.client_secret_file, oauth2.grant,
                    oauth2.refresh_token_file, oauth2.scope, server.ca_file, server.proxy});
}

std::string token_digest(std::string_view token) { return digest_of(token); }

}  // namespace ticketd
