#include "daemon/ctl/setup/answers.h"

#include <fmt/format.h>

#include "daemon/config/config_node.h"
#include "daemon/ctl/setup/carried.h"

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

const ConfigNode& first_of(const ConfigNode& array) {
  static const ConfigNode kNone;
  return array.items.empty() ? kNone : array.items.front();
}

std::string afterwards_word(const AfterwardsSettings& afterwards) {
  switch (afterwards.action) {
    case AfterwardsSettings::Action::keep:
      return "keep";
    case AfterwardsSettings::Action::seen:
      return "seen";
    case AfterwardsSettings::Action::remove:
      return "delete";
    case AfterwardsSettings::Action::move:
      return "move:" + afterwards.folder;
  }
  return {};
}

class Renderer {
 public:
  explicit Renderer(const SetupAnswers& answers) : answers_(answers), before_(answers.before) {}

  std::string whole() const {
    return "# Written by `ticketctl setup`. Every key there is, with its default: ticketd.toml among the examples\n"
           "# (/usr/share/doc/ticketd/examples). After a change: ticketd --check, then systemctl reload ticketd.\n" +
           support() + store() + mailbox() + smtp() + member() +
           carried_tables(before_, {"support", "store", "mailbox", "smtp", "staff"});
  }

 private:
  std::string support() const {
    return "[support]\n" + line_of("address", answers_.address) + line_of("name", answers_.name) +
           line_of("time_zone", answers_.time_zone) +
           fmt::format("admins = {}  # are told by mail when something needs a person\n",
                       to_toml(list_of(answers_.admins))) +
           carried_entries("support", before_["support"], {"address", "name", "time_zone", "admins"});
  }

  std::string store() const {
    return answers_.store_path.empty() ? "" : "\n[store]\n" + line_of("path", answers_.store_path);
  }

  std::string mailbox() const {
    const auto& mailbox = answers_.mailbox;
    return "\n[[mailbox]]\n" + line_of("name", mailbox.name) + server(mailbox.server) +
           line_of("folder", mailbox.folder) +
           fmt::format(
               "# Mails that were there before the first start: ignore, silent or normal.\n"
               "backlog = \"{}\"\n"
               "# What is done with a mail once it is filed: move:FOLDER, keep, seen or delete.\n"
               "processed = {}\n"
               "# The same for one that can't be read or is too large: move:FOLDER, keep or seen.\n"
               "failed = {}\n",
               backlog_word(mailbox.backlog), quoted(afterwards_word(mailbox.processed)),
               quoted(afterwards_word(mailbox.failed))) +
           carried_entries("mailbox", first_of(before_["mailbox"]),
                           {"name", "url", "user", "password_file", "oauth2", "tls", "ca_file", "folder", "backlog",
                            "processed", "failed"}) +
           carried_further("mailbox", before_["mailbox"]);
  }

  std::string smtp() const {
    return "\n[smtp]\n" + server(answers_.smtp) +
           carried_entries("smtp", before_["smtp"], {"url", "user", "password_file", "oauth2", "tls", "ca_file"});
  }

  std::string member() const {
    const auto& member = answers_.member;
    const auto& before = first_of(before_["staff"]);
    std::string text =
        "\n[[staff]]\n" + line_of("name", member.name) + line_of("email", member.email) +
        line_of("login", member.login) +
        fmt::format("roles = {}  # engineer, duty, director, managing-director\n", to_toml(list_of(member.roles)));
    if (!member.page.empty()) text += fmt::format("page = {}\n", to_toml(list_of(member.page)));
    const auto available = before["available"].absent() ? ConfigNode::list({"always"}) : before["available"];
    text += fmt::format("available = {}  # \"always\", or \"mon-fri 08:00-18:00\", …\n", to_toml(available));
    return text + carried_entries("staff", before, {"name", "email", "login", "roles", "page", "available"}) +
           carried_further("staff", before_["staff"]);
  }

  static std::string server(const ServerSettings& server) {
    std::string text =
        line_of("url", server.url) + line_of("user", server.user) + line_of("password_file", server.password_file);
    if (server.oauth2) text += oauth2(*server.oauth2);
    if (!server.tls_required) text += "tls = \"none\"\n";
    return text + line_of("ca_file", server.ca_file);
  }

  static std::string oauth2(const OAuth2Settings& oauth2) {
    ConfigNode table = ConfigNode::empty(ConfigNode::Kind::table);
    const auto add = [&table](const char* key, std::string value) {
      if (!value.empty()) table.entries.push_back({key, {}, ConfigNode(std::move(value))});
    };
    add("token_url", oauth2.token_url);
    add("client_id", oauth2.client_id);
    add("client_secret_file", oauth2.client_secret_file);
    add("grant", oauth2.grant);
    add("refresh_token_file", oauth2.refresh_token_file);
    add("scope", oauth2.scope);
    return fmt::format("oauth2 = {}\n", to_toml(table));
  }

  const SetupAnswers& answers_;
  const ConfigNode& before_;
};

Endpoint endpoint_of(const ServerSettings& server, const std::string& password, const std::string& access_token) {
  Endpoint endpoint;
  endpoint.url = server.url;
  endpoint.user = server.user;
  endpoint.password = password;
  if (server.oauth2) endpoint.bearer = access_token;
  endpoint.tls_required = server.tls_required;
  endpoint.ca_file = server.ca_file;
  endpoint.client_certificate_file = server.client_certificate_file;
  endpoint.client_key_file = server.client_key_file;
  endpoint.proxy = server.proxy;
  return endpoint;
}

}  // namespace

std::string_view backlog_word(MailboxSettings::Backlog backlog) {
  switch (backlog) {
    case MailboxSettings::Backlog::ignore:
      return "ignore";
    case MailboxSettings::Backlog::silent:
      return "silent";
    case MailboxSettings::Backlog::normal:
      return "normal";
  }
  return {};
}

Endpoint mailbox_endpoint(const SetupAnswers& answers) {
  return endpoint_of(answers.mailbox.server, answers.imap_password.value, answers.access_token);
}

Endpoint relay_endpoint(const SetupAnswers& answers) {
  return endpoint_of(answers.smtp, answers.smtp_password.value, answers.access_token);
}

std::string render_configuration(const SetupAnswers& answers) { return Renderer(answers).whole(); }

}  // namespace ticketd
