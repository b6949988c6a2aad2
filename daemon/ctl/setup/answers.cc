#include "daemon/ctl/setup/answers.h"

#include <fmt/format.h>

#include "daemon/config/config_node.h"

namespace ticketd {
namespace {

std::string quoted(const std::string& text) { return to_toml(ConfigNode(text)); }

ConfigNode list_of(const std::vector<std::string>& texts) {
  ConfigNode list = ConfigNode::empty(ConfigNode::Kind::list);
  list.items.assign(texts.begin(), texts.end());
  return list;
}

/// One line of a table; none for an empty value.
std::string line_of(std::string_view key, const std::string& value) {
  return value.empty() ? "" : fmt::format("{} = {}\n", key, quoted(value));
}

class Renderer {
 public:
  Renderer(const SetupAnswers& answers, std::string folder) : answers_(answers), folder_(std::move(folder)) {}

  std::string whole() const {
    return "# Written by `ticketctl setup`. Every key there is, with its default: ticketd.toml among the examples\n"
           "# (/usr/share/doc/ticketd/examples). After a change: ticketd --check, then systemctl reload ticketd.\n" +
           support() + store() + mailbox() + smtp() + member();
  }

 private:
  std::string support() const {
    return "[support]\n" + line_of("address", answers_.address) + line_of("name", answers_.name) +
           line_of("time_zone", answers_.time_zone) +
           fmt::format("admins = {}  # hear of what needs a person\n", to_toml(list_of(answers_.admins)));
  }

  std::string store() const {
    return answers_.store_path.empty() ? "" : "\n[store]\n" + line_of("path", answers_.store_path);
  }

  std::string mailbox() const {
    static constexpr std::string_view kBacklogs[] = {"ignore", "silent", "normal"};
    const auto& mailbox = answers_.mailbox;
    return "\n[[mailbox]]\n" + line_of("name", mailbox.name) + server(mailbox.server) +
           line_of("folder", mailbox.folder) +
           fmt::format(
               "backlog = \"{}\"  # what was there before the first start; or ignore, silent, normal\n"
               "processed = {}  # what is done with a mail once it is filed; or keep, seen, delete\n"
               "failed = {}  # and with one that can't be read\n",
               kBacklogs[static_cast<std::size_t>(mailbox.backlog)], quoted("move:" + mailbox.processed.folder),
               quoted("move:" + mailbox.failed.folder));
  }

  std::string smtp() const { return "\n[smtp]\n" + server(answers_.smtp); }

  std::string member() const {
    const auto& member = answers_.member;
    return "\n[[staff]]\n" + line_of("name", member.name) + line_of("email", member.email) +
           line_of("login", member.login) +
           fmt::format("roles = {}  # engineer, duty, director, managing-director\n", to_toml(list_of(member.roles))) +
           "available = [\"always\"]  # or \"mon-fri 08:00-18:00\", …\n";
  }

  std::string server(const ServerSettings& server) const {
    std::string text = line_of("url", server.url) + line_of("user", server.user) +
                       line_of("password_file", file_of(server.password_file));
    if (server.oauth2) text += oauth2(*server.oauth2);
    if (!server.tls_required) text += "tls = \"none\"\n";
    return text + line_of("ca_file", server.ca_file);
  }

  std::string oauth2(const OAuth2Settings& oauth2) const {
    ConfigNode table = ConfigNode::empty(ConfigNode::Kind::table);
    const auto add = [&table](const char* key, std::string value) {
      if (!value.empty()) table.entries.push_back({key, {}, ConfigNode(std::move(value))});
    };
    add("token_url", oauth2.token_url);
    add("client_id", oauth2.client_id);
    add("client_secret_file", file_of(oauth2.client_secret_file));
    add("grant", oauth2.grant);
    add("refresh_token_file", file_of(oauth2.refresh_token_file));
    add("scope", oauth2.scope);
    return fmt::format("oauth2 = {}\n", to_toml(table));
  }

  std::string file_of(const std::string& name) const {
    return name.empty() || folder_.empty() ? name : folder_ + "/" + name;
  }

  const SetupAnswers& answers_;
  std::string folder_;
};

Endpoint endpoint_of(const ServerSettings& server, const std::string& password, const std::string& access_token) {
  Endpoint endpoint;
  endpoint.url = server.url;
  endpoint.user = server.user;
  endpoint.password = password;
  if (server.oauth2) endpoint.bearer = access_token;
  endpoint.tls_required = server.tls_required;
  endpoint.ca_file = server.ca_file;
  return endpoint;
}

}  // namespace

std::vector<Credential> credentials_of(const SetupAnswers& answers) {
  std::vector<Credential> credentials;
  const auto add = [&credentials](std::string_view name, const std::string& value) {
    if (!value.empty()) credentials.push_back({std::string(name), value});
  };
  add(kImapPassword, answers.imap_password);
  if (answers.smtp.password_file == kSmtpPassword) add(kSmtpPassword, answers.smtp_password);
  add(kClientSecret, answers.client_secret);
  add(kRefreshToken, answers.refresh_token);
  return credentials;
}

Endpoint mailbox_endpoint(const SetupAnswers& answers) {
  return endpoint_of(answers.mailbox.server, answers.imap_password, answers.access_token);
}

Endpoint relay_endpoint(const SetupAnswers& answers) {
  return endpoint_of(answers.smtp, answers.smtp_password, answers.access_token);
}

std::string render_configuration(const SetupAnswers& answers, const std::string& credentials) {
  return Renderer(answers, credentials).whole();
}

}  // namespace ticketd
