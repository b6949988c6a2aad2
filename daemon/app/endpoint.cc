#include "daemon/app/endpoint.h"

#include <system_error>

namespace ticketd {

namespace {

/// What `read` throws is the configuration's fault, unless it may be over soon.
template <class Read>
auto or_fail(const Read& read) {
  try {
    return read();
  } catch (const std::system_error&) {
    throw;
  } catch (const std::runtime_error& error) {
    throw SecretError(error.what());
  }
}

std::string secret_or_fail(const std::string& setting) {
  return or_fail([&] { return read_secret(setting); });
}

}  // namespace

void require_secrets(const ServerSettings& server) {
  if (!server.oauth2) {
    if (!server.password_file.empty()) static_cast<void>(secret_or_fail(server.password_file));
    return;
  }
  static_cast<void>(or_fail([&] { return read_oauth2_secrets(*server.oauth2); }));
}

boost::asio::awaitable<Endpoint> make_endpoint(AccessTokens& tokens, ServerSettings server) {
  Endpoint endpoint;
  endpoint.url = server.url;
  endpoint.user = server.user;
  endpoint.tls_required = server.tls_required;
  endpoint.ca_file = server.ca_file;
  endpoint.client_certificate_file = server.client_certificate_file;
  endpoint.client_key_file = server.client_key_file;
  endpoint.proxy = server.proxy;
  if (!server.oauth2) {
    if (!server.password_file.empty()) endpoint.password = secret_or_fail(server.password_file);
    co_return endpoint;
  }
  if (server.user.empty()) co_return endpoint;  // there is no login
  const AccessTokens::Token token = co_await tokens.token(server);
  endpoint.bearer = token.text;
  if (token.may_be_stale)
    endpoint.renew_bearer = [&tokens, server, refused = token.text] { return tokens.replace(server, refused); };
  co_return endpoint;
}

}  // namespace ticketd
