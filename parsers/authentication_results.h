#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ticketd {

/// One method's result in an Authentication-Results field (RFC 8601 §2.2): `dkim=pass header.d=example.com`.
struct MethodResult {
  std::string method;                                           ///< lower case, without its version
  std::string result;                                           ///< lower case
  std::vector<std::pair<std::string, std::string>> properties;  ///< "header.d" in lower case, value unquoted

  /// The first value of that name; nullptr when there is none.
  [[nodiscard]] const std::string* property(std::string_view name) const;
};

struct AuthenticationResults {
  std::string authserv_id;  ///< lower case
  std::vector<MethodResult> methods;
};

/// Reads an unfolded value; nullopt when it names no server, as Exchange Online's. What can't be read ends its method:
/// a result that was not surely said counts as not said. Linear time; at most 100 methods.
[[nodiscard]] std::optional<AuthenticationResults> parse_authentication_results(std::string_view value);

}  // namespace ticketd
