#include "daemon/app/endpoint.h"

namespace ticketd {

namespace {

std::string secret_or_fail(const std::string& setting) {
  try {
    return read_secret(setting);
  } catch (const std::runtime_error& error) {
    throw SecretError(error.what());
  }
}

}  // namespace

Endpoint make_endpoint(const ServerSettings& server) {
  Endpoint endpoint;
  endpoint.url = server.url;
  endpoint.user = server.user;
  if (!server.password_file.empty()) endpoint.password = secret_or_fail(server.password_file);
  endpoint.tls_required = server.tls_required;
  endpoint.ca_file = server.ca_file;
  endpoint.client_certificate_file = server.client_certificate_file;
  endpoint.client_key_file = server.client_key_file;
  endpoint.proxy = server.proxy;
  return endpoint;
}

}  // namespace ticketd
