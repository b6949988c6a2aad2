#include "daemon/app/endpoint.h"

namespace ticketd {

Endpoint make_endpoint(const ServerSettings& server) {
  Endpoint endpoint;
  endpoint.url = server.url;
  endpoint.user = server.user;
  if (!server.password_file.empty()) endpoint.password = read_secret(server.password_file);
  endpoint.tls_required = server.tls_required;
  endpoint.ca_file = server.ca_file;
  endpoint.client_certificate_file = server.client_certificate_file;
  endpoint.client_key_file = server.client_key_file;
  endpoint.proxy = server.proxy;
  return endpoint;
}

}  // namespace ticketd
