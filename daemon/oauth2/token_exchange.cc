#include "daemon/oauth2/token_exchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <charconv>

#include "daemon/net/without_secrets.h"
#include "parsers/ascii.h"
#include "parsers/printable.h"

namespace ticketd {

namespace json = boost::json;
using std::chrono::seconds;

namespace {

constexpr std::size_t kLargestAnswer = 64 * 1024;
constexpr std::size_t kLongestToken = 32 * 1024;
constexpr std::size_t kLongestReason = 400;
constexpr std::chrono::milliseconds kTimeout{15'000};
/// RFC 6749 §5.1: expires_in is only recommended.
constexpr seconds kUsualLifetime{1800};
constexpr seconds kLongestLifetime{86'400};

/// application/x-www-form-urlencoded
std::string form_encoded(std::string_view value) {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string encoded;
  for (const char c : value)
    if (kPlain.find(c) != std::string_view::npos)
      encoded += c;
    else
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  return encoded;
}

void add_field(std::string& form, std::string_view name, std::string_view value) {
  if (!value.empty()) form += fmt::format("{}{}={}", form.empty() ? "" : "&", name, form_encoded(value));
}

std::string text_at(const json::object& answer, std::string_view name) {
  const json::value* value = answer.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// A number, or one in a string.
seconds lifetime_of(const json::object& answer) {
  const json::value* value = answer.if_contains("expires_in");
  double count = -1;
  if (value && value->is_number()) {
    count = value->to_number<double>();
  } else if (const std::string text = text_at(answer, "expires_in"); !text.empty()) {
    std::int64_t number = -1;
    std::from_chars(text.data(), text.data() + text.size(), number);
    count = static_cast<double>(number);
  }
  if (!(count > 0)) return kUsualLifetime;
  return seconds{static_cast<std::int64_t>(std::min(count, static_cast<double>(kLongestLifetime.count())))};
}

/// RFC 6749 §A.12, §A.17: visible ASCII and blanks. Anything else could end the SASL message that it goes into.
bool is_token(std::string_view text) {
  const auto fits = [](char c) { return c >= 0x20 && c <= 0x7e; };
  return !text.empty() && text.size() <= kLongestToken && std::ranges::all_of(text, fits);
}

std::string_view hint_for(std::string_view error) {
  if (error == "invalid_grant") return " (a new refresh token has to go into refresh_token_file)";
  if (error == "invalid_client" || error == "unauthorized_client")
    return " (client_id or the secret in client_secret_file is not, or no longer, what the provider knows)";
  return "";
}

/// Also as it stands in the request that the endpoint may quote.
std::string without(const OAuth2Secrets& secrets, std::string_view text) {
  const std::string client = form_encoded(secrets.client_secret), refresh = form_encoded(secrets.refresh_token);
  const std::string_view forms[] = {secrets.client_secret, client, secrets.refresh_token, refresh};
  return without_secrets(text, forms);
}

/// Why there is no access token in it.
std::string refusal_of(const HttpAnswer& answer, const json::object& object, const OAuth2Secrets& secrets) {
  const std::string error = text_at(object, "error"), description = text_at(object, "error_description");
  if (!error.empty()) {
    const std::string words =
        without(secrets, fmt::format("{}{}{}", error, description.empty() ? "" : ": ", description));
    return printable_line(std::string_view(words).substr(0, kLongestReason)) + std::string(hint_for(error));
  }
  if (answer.status >= 300 && answer.status < 400)
    return fmt::format(
        "it answers with a redirection (HTTP {}), and secrets follow none; token_url must name "
        "the place itself",
        answer.status);
  if (answer.status != 200) return fmt::format("it answers HTTP {}, and gives no reason", answer.status);
  return "its answer (HTTP 200) holds no access token; is token_url right?";
}

/// Why the access token in it can't be used; empty: it can.
std::string fault_of(const HttpAnswer& answer, const json::object& object, const OAuth2Secrets& secrets) {
  const std::string token = text_at(object, "access_token"), type = text_at(object, "token_type");
  if (answer.status != 200 || token.empty()) return refusal_of(answer, object, secrets);
  if (!type.empty() && !equals_ignoring_case(type, "bearer"))
    return fmt::format("it gives a token of the type \"{}\", not \"Bearer\"", printable_line(type.substr(0, 50)));
  const std::string next = text_at(object, "refresh_token");
  if (!is_token(token) || !(next.empty() || is_token(next)))
    return "it gives a token that is too long, or has characters that no token has";
  return {};
}

}  // namespace

OAuth2Secrets read_oauth2_secrets(const OAuth2Settings& settings) {
  OAuth2Secrets secrets;
  if (!settings.client_secret_file.empty()) secrets.client_secret = read_secret(settings.client_secret_file);
  if (settings.grant == "refresh_token") secrets.refresh_token = read_secret(settings.refresh_token_file);
  return secrets;
}

HttpRequest token_request(const ServerSettings& server, const OAuth2Secrets& secrets) {
  const OAuth2Settings& oauth2 = *server.oauth2;
  HttpRequest request;
  request.url = oauth2.token_url;
  request.header = {"Content-Type: application/x-www-form-urlencoded", "Accept: application/json",
                    "User-Agent: ticketd/" TICKETD_VERSION};
  add_field(request.body, "grant_type", oauth2.grant);
  add_field(request.body, "client_id", oauth2.client_id);
  add_field(request.body, "client_secret", secrets.client_secret);
  add_field(request.body, "refresh_token", secrets.refresh_token);
  add_field(request.body, "scope", oauth2.scope);
  request.timeout = kTimeout;
  request.ca_file = server.ca_file;
  if (starts_with_ignoring_case(oauth2.token_url, "https:"))
    request.proxy = server.proxy;  // http:// is for loopback alone
  request.body_limit = kLargestAnswer;
  return request;
}

TokenGrant read_token_answer(const HttpAnswer& answer, const OAuth2Secrets& secrets) {
  boost::system::error_code error;
  const json::value parsed = json::parse(answer.body, error);
  const json::object object = !error && parsed.is_object() ? parsed.get_object() : json::object();
  TokenGrant grant;
  grant.fault = fault_of(answer, object, secrets);
  if (std::string next = text_at(object, "refresh_token"); answer.status == 200 && is_token(next))
    grant.refresh_token = std::move(next);
  if (!grant.fault.empty()) return grant;
  grant.access_token = text_at(object, "access_token");
  grant.lifetime = lifetime_of(object);
  return grant;
}

}  // namespace ticketd
