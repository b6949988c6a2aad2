#include <fmt/format.h>

#include "daemon/config/checks.h"
#include "daemon/config/section.h"
#include "daemon/config/value_types.h"
#include "parsers/ascii.h"

namespace ticketd {
namespace {

struct Server {
  const ConfigNode& node;
  std::string path;
  bool login_required;
};

void check_tls(const Server& server, Problems& problems) {
  const ConfigNode& tls = server.node["tls"];
  const std::string_view url = server.node["url"].text;
  if (tls.text != "none" || url_host(url).empty()) return;
  if (!is_loopback(url_host(url)))
    problems.error(tls.at,
                   fmt::format("{}.tls: \"none\" would send passwords and mails in the clear; it is allowed only "
                               "for localhost, 127.0.0.0/8 and ::1, not for \"{}\"",
                               server.path, url_host(url)));
  else if (url_scheme(url).ends_with('s'))
    problems.warning(tls.at, fmt::format("{}.tls: \"none\" has no effect with {}://, which is TLS from its first octet",
                                         server.path, url_scheme(url)));
}

bool is_set(const ConfigNode& node) { return node.kind == ConfigNode::Kind::table || !node.text.empty(); }

void check_login(const Server& server, Problems& problems) {
  const ConfigNode& node = server.node;
  const bool password = is_set(node["password_file"]), oauth2 = is_set(node["oauth2"]);
  const bool certificate = is_set(node["client_certificate_file"]);
  const bool secret = password || oauth2 || certificate;
  if (password && oauth2)
    problems.warning(node["password_file"].at,
                     fmt::format("{0}.password_file has no effect beside {0}.oauth2", server.path));
  if (!secret && server.login_required && !problems.any_unreadable())
    problems.error(node.at, fmt::format("{0}.password_file{1}it (or {0}.oauth2, or "
                                        "{0}.client_certificate_file) must say how to log in",
                                        server.path, kIsMissing));
  if (!secret && !server.login_required && is_set(node["user"]))
    problems.error(node["user"].at,
                   fmt::format("{0}.user is set, but neither {0}.password_file nor {0}.oauth2", server.path));
  for (const char* secret_key : {"password_file", "oauth2"})
    if (is_set(node[secret_key]) && !server.login_required && !is_set(node["user"]))
      problems.warning(node[secret_key].at,
                       fmt::format("{0}.{1} has no effect without {0}.user", server.path, secret_key));
  if (is_set(node["client_key_file"]) && !certificate)
    problems.warning(node["client_key_file"].at,
                     fmt::format("{0}.client_key_file has no effect without {0}.client_certificate_file", server.path));
}

void check_oauth2(const Server& server, Problems& problems) {
  const ConfigNode& oauth2 = server.node["oauth2"];
  if (oauth2.kind != ConfigNode::Kind::table) return;
  const ConfigNode& url = oauth2["token_url"];
  const std::string path = server.path + ".oauth2";
  const bool refreshes = oauth2["grant"].text == "refresh_token";
  if (const auto fault = fault_of_token_url(url.text); !fault.empty())
    problems.error(url.at, fmt::format("{}.token_url: {}", path, fault));
  if (refreshes && !is_set(oauth2["refresh_token_file"]))
    problems.error(oauth2.at, fmt::format("{0}.refresh_token_file{1}{0}.grant needs it", path, kIsMissing));
  if (oauth2["grant"].text == "client_credentials" && !is_set(oauth2["client_secret_file"]))
    problems.error(oauth2.at, fmt::format("{0}.client_secret_file{1}{0}.grant needs it", path, kIsMissing));
  if (!refreshes && is_set(oauth2["refresh_token_file"]) && is_set(oauth2["grant"]))
    problems.warning(
        oauth2["refresh_token_file"].at,
        fmt::format("{0}.refresh_token_file has no effect with {0}.grant = \"{1}\"", path, oauth2["grant"].text));
}

void check_files(const Server& server, const std::filesystem::path& base, Problems& problems) {
  for (const char* key : {"ca_file", "client_certificate_file", "client_key_file"}) {
    const ConfigNode& file = server.node[key];
    std::error_code error;
    if (is_set(file) &&
        std::filesystem::status(base / file.text, error).type() == std::filesystem::file_type::not_found)
      problems.warning(file.at, fmt::format("{}.{}: there is no file \"{}\"", server.path, key, file.text));
  }
}

void check_secret(const ConfigNode& node, const std::string& path, Problems& problems) {
  const bool is_name = node.text.find('/') == std::string::npos;
  if (node.kind != ConfigNode::Kind::text || node.text.empty() || !(is_name || node.text.starts_with('/'))) return;
  const auto problem = find_secret_problem(node.text);
  if (!problem) return;
  if (problem->exists)
    problems.error(node.at, fmt::format("{}: {}", path, problem->what));
  else
    problems.warning(node.at, fmt::format("{}: {}", path, problem->what));
}

void check_secrets_of(const Server& server, Problems& problems) {
  check_secret(server.node["password_file"], server.path + ".password_file", problems);
  for (const char* key : {"client_secret_file", "refresh_token_file"})
    check_secret(server.node["oauth2"][key], fmt::format("{}.oauth2.{}", server.path, key), problems);
}

// INBOX has that name in any case (RFC 9051 §5.1).
bool is_same_folder(std::string_view a, std::string_view b) {
  return a == b || (equals_ignoring_case(a, b) && equals_ignoring_case(a, "INBOX"));
}

void check_folders(const ConfigNode& mailbox, Problems& problems) {
  const std::string folder = mailbox["folder"].absent() ? "INBOX" : mailbox["folder"].text;
  const MailboxSettings defaults;
  const std::pair<const char*, std::string> targets[] = {{"processed", "move:" + defaults.processed.folder},
                                                         {"failed", "move:" + defaults.failed.folder}};
  for (const auto& [key, usual] : targets) {
    const bool is_usual = mailbox[key].absent();
    const std::string action = is_usual ? usual : mailbox[key].text;
    if (action.starts_with("move:") && is_same_folder(action.substr(5), folder))
      problems.error((is_usual ? mailbox["folder"] : mailbox[key]).at,
                     fmt::format("mailbox.{}: \"{}\"{} would move mail to where it comes from; name another folder, or "
                                 "\"keep\" it",
                                 key, action, is_usual ? ", the default," : ""));
  }
}

void check_webhook(const ConfigNode& member, Problems& problems) {
  const ConfigNode& url = member["webhook"];
  if (is_set(member["webhook_secret_file"]) && !is_set(url))
    problems.warning(member["webhook_secret_file"].at, "staff.webhook_secret_file has no effect without staff.webhook");
  if (equals_ignoring_case(url_scheme(url.text), "http") && !is_loopback(url_host(url.text)))
    problems.error(url.at, fmt::format("staff.webhook: http:// would send the secret and the customer's name in the "
                                       "clear; it is allowed only for localhost, 127.0.0.0/8 and ::1, not for \"{}\"",
                                       url_host(url.text)));
}

/// Those that are tables, as they should be.
std::vector<Server> servers_in(const ConfigNode& root) {
  std::vector<Server> servers;
  const auto add = [&](const ConfigNode& node, std::string path, bool login_required) {
    if (node.kind == ConfigNode::Kind::table) servers.push_back({node, std::move(path), login_required});
  };
  for (const ConfigNode& mailbox : root["mailbox"].items) add(mailbox, "mailbox", true);
  add(root["smtp"], "smtp", false);
  for (const ConfigNode& fallback : root["smtp"]["fallback"].items) add(fallback, "smtp.fallback", false);
  return servers;
}

}  // namespace

bool is_loopback(std::string_view host) {
  return equals_ignoring_case(host, "localhost") || host == "::1" ||
         (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos);
}

std::string fault_of_token_url(std::string_view url) {
  if (!equals_ignoring_case(url_scheme(url), "http") || is_loopback(url_host(url))) return {};
  return fmt::format(
      "http:// would send secrets in the clear; it is allowed only for localhost, 127.0.0.0/8 and ::1, not "
      "for \"{}\"",
      url_host(url));
}

void check_secrets(const ConfigNode& root, Problems& problems) {
  for (const Server& server : servers_in(root)) check_secrets_of(server, problems);
  for (const ConfigNode& member : root["staff"].items)
    if (member.kind == ConfigNode::Kind::table)
      check_secret(member["webhook_secret_file"], "staff.webhook_secret_file", problems);
}

void check_servers(const ConfigNode& root, const std::filesystem::path& base, Problems& problems) {
  for (const Server& server : servers_in(root)) {
    check_tls(server, problems);
    check_login(server, problems);
    check_oauth2(server, problems);
    check_files(server, base, problems);
  }
  for (const ConfigNode& mailbox : root["mailbox"].items) check_folders(mailbox, problems);
  for (const ConfigNode& member : root["staff"].items)
    if (member.kind == ConfigNode::Kind::table) check_webhook(member, problems);
}

}  // namespace ticketd
