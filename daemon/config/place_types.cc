#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include <re2/re2.h>

#include "daemon/config/value_types.h"
#include "parsers/ascii.h"

namespace ticketd {
namespace {

constexpr std::int64_t kPatternMemory = 1 << 20;

struct UrlParts {
  std::string_view scheme, host, port, rest;
  bool has_port = false;
};

bool is_host_character(char c) {
  return !is_space(c) && !is_control(c) && std::string_view("@\\\"<>").find(c) == std::string_view::npos;
}

// HOST or [HOST] in front of a colon or the end; the whole text is used up by host and port.
void split_authority(std::string_view text, UrlParts& parts) {
  const std::size_t host_end = text.starts_with('[') ? text.find(']') + 1 : text.find(':');
  parts.host = text.substr(0, host_end);
  const std::string_view after = host_end == std::string_view::npos ? "" : text.substr(host_end);
  parts.has_port = !after.empty();
  parts.port = parts.has_port ? after.substr(1) : "";
  if (parts.has_port && after.front() != ':') parts.host = {};
}

UrlParts split(std::string_view url) {
  UrlParts parts;
  const std::size_t colon = url.find("://");
  if (colon == std::string_view::npos) return parts;
  parts.scheme = url.substr(0, colon);
  const std::string_view after = url.substr(colon + 3);
  const std::size_t end = after.find_first_of("/?#");
  split_authority(after.substr(0, end), parts);
  parts.rest = end == std::string_view::npos ? "" : after.substr(end);
  return parts;
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port >= 1 && port <= 65535;
}

bool is_host(std::string_view host) {
  const bool bracketed = host.starts_with('[') && host.ends_with(']') && host.size() > 2;
  return !host.empty() && std::ranges::all_of(host, is_host_character) &&
         (bracketed || host.find_first_of("[]:") == std::string_view::npos);
}

Parsed<std::string> check_url(const std::string& text, const std::vector<std::string>& schemes, UrlPath path) {
  const UrlParts parts = split(text);
  if (text.find('@') != std::string::npos) return Wrong{"user and password have settings of their own", true};
  if (std::ranges::find(schemes, to_lower(parts.scheme)) == schemes.end()) return Wrong{};
  if (!is_host(parts.host)) return Wrong{"there is no host"};
  if (parts.has_port && !is_port(parts.port)) return Wrong{"a port is a number from 1 to 65535"};
  if (path == UrlPath::none && !parts.rest.empty() && parts.rest != "/")
    return Wrong{"nothing may follow host and port"};
  if (std::ranges::any_of(parts.rest, [](char c) { return is_space(c) || is_control(c); }))
    return Wrong{"it holds a space"};
  return text;
}

std::string allowed_urls(const std::vector<std::string>& schemes, UrlPath path) {
  std::string out;
  for (const std::string& scheme : schemes)
    out += (out.empty() ? "" : " or ") + scheme + "://HOST[:PORT]" + (path == UrlPath::any ? "[/PATH]" : "");
  return out;
}

bool is_ip_address(std::string_view host) {
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  const std::string text(bracketed ? host.substr(1, host.size() - 2) : host);
  in6_addr address{};
  return ::inet_pton(bracketed ? AF_INET6 : AF_INET, text.c_str(), &address) == 1;
}

Parsed<std::string> check_listen(const std::string& text) {
  UrlParts parts;
  split_authority(text, parts);
  if (text.empty()) return text;
  if (!is_port(parts.port)) return Wrong{};
  if (parts.host != "localhost" && !is_ip_address(parts.host)) return Wrong{};
  return text;
}

Parsed<std::string> check_pattern(const std::string& text) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kPatternMemory);
  const RE2 compiled(text, options);
  if (compiled.ok()) return text;
  return Wrong{compiled.error()};
}

bool is_path(std::string_view text) { return std::ranges::none_of(text, is_control); }

Parsed<std::string> check_secret_file(const std::string& text) {
  const bool is_name = text.find('/') == std::string::npos && text != "." && text != "..";
  if (is_path(text) && (text.empty() || text.starts_with('/') || is_name)) return text;
  return Wrong{};
}

using Action = AfterwardsSettings::Action;

Parsed<AfterwardsSettings> parse_afterwards(const std::string& text, bool may_delete) {
  if (text == "keep") return AfterwardsSettings{Action::keep, ""};
  if (text == "seen") return AfterwardsSettings{Action::seen, ""};
  if (text == "delete" && may_delete) return AfterwardsSettings{Action::remove, ""};
  const bool moves = text.starts_with("move:") && text.size() > 5 && is_path(text);
  if (moves) return AfterwardsSettings{Action::move, text.substr(5)};
  return Wrong{};
}

constexpr auto kPath = "a path, absolute or seen from the folder of the configuration file";

}  // namespace

ValueType<std::string> url(std::vector<std::string> schemes, UrlPath path, bool may_be_empty) {
  const std::string allowed = allowed_urls(schemes, path);
  return text_type<std::string>("url", allowed, [=](const std::string& text) -> Parsed<std::string> {
    if (text.empty() && may_be_empty) return text;
    return check_url(text, schemes, path);
  });
}

ValueType<std::string> listen_address() {
  return text_type<std::string>(
      "address and port", "ADDRESS:PORT with an IP address or localhost, such as \"127.0.0.1:9464\" or \"[::1]:9464\"",
      check_listen);
}

ValueType<std::string> pattern() {
  return text_type<std::string>("pattern", "a regular expression (RE2)", check_pattern);
}

ValueType<std::filesystem::path> path() {
  auto text = path_text();
  auto read = [inner = std::move(text.read)](const ConfigNode& node, const Reading& reading) {
    std::optional<std::filesystem::path> value;
    if (const auto read = inner(node, reading)) value = *read;
    return value;
  };
  return {text.name, text.allowed, std::move(read)};
}

ValueType<std::string> path_text() {
  auto type = text_type<std::string>("path", kPath, [](const std::string& text) -> Parsed<std::string> {
    if (is_path(text)) return text;
    return Wrong{};
  });
  type.read = [inner = std::move(type.read)](const ConfigNode& node,
                                             const Reading& reading) -> std::optional<std::string> {
    auto value = inner(node, reading);
    if (value && !value->empty()) *value = (reading.base / *value).lexically_normal().string();
    return value;
  };
  return type;
}

ValueType<std::string> secret_file() {
  return text_type<std::string>(
      "secret file", "an absolute path, or a name without \"/\" for a file among the credentials", check_secret_file);
}

ValueType<AfterwardsSettings> afterwards(bool may_delete) {
  const std::string allowed =
      may_delete ? "\"keep\", \"seen\", \"delete\" or \"move:FOLDER\"" : "\"keep\", \"seen\" or \"move:FOLDER\"";
  return text_type<AfterwardsSettings>("action", allowed,
                                       [=](const std::string& text) { return parse_afterwards(text, may_delete); });
}

std::string_view url_host(std::string_view url) {
  std::string_view host = split(url).host;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return host;
}

std::string_view url_scheme(std::string_view url) { return split(url).scheme; }

}  // namespace ticketd
