#include "daemon/ctl/setup/earlier.h"

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "daemon/config/draft.h"
#include "daemon/config/toml_file.h"
#include "daemon/ctl/session.h"
#include "tests/daemon/setup/scratch_desk.h"

namespace ticketd {
namespace {

constexpr auto kConfiguration = R"([support]
address = "desk@acme.example"
name = "Acme"
admins = ["ops@acme.example", "boss@acme.example"]
time_zone = "Europe/Paris"
subject_tag = "SUP"

[[mailbox]]
name = "main"
url = "imaps://imap.acme.example:1993"
user = "desk"
password_file = "imap-password"
ca_file = "/etc/ticketd/ca.pem"
folder = "Desk"
backlog = "silent"
processed = "keep"
poll_interval = "30s"

[[mailbox]]
name = "sales"
url = "imaps://imap.acme.example"
user = "sales"
oauth2 = { token_url = "https://login.acme.example/token", client_id = "x", client_secret_file = "s", grant = "client_credentials" }

[smtp]
url = "smtp://relay.acme.example:25"
retry_first = "2m"

[[smtp.fallback]]
url = "smtp://second.acme.example:25"

[[staff]]
name = "Bob"
email = "bob@acme.example"
login = "bob"
roles = ["engineer", "duty"]
available = ["mon-fri 08:00-18:00"]
page = ["1555@sms.example.net"]

[[staff]]
name = "Eve"
email = "eve@acme.example"

[office_hours]
weekly = ["mon-thu 08:00-16:00"]
holidays = [2026-12-25]

[priority.urgent]
response = "20m"

[[rule]]
match = { subject = "^\\[alert\\]", header = { "X-Odd.Name" = "\"quoted\"" } }
set = { priority = "high" }
)";

struct Place : ScratchDesk {
  explicit Place(std::string_view text) : ScratchDesk(text) { keep("imap-password", "hunter2"); }
};

ConfigNode parsed(std::string_view text) {
  Problems problems;
  auto root = parse_toml(text, problems.add_file("x"), problems);
  CHECK_FALSE(problems.any_error());
  return root;
}

/// Where the second is not the first: "smtp.url", "staff.1", …
void compare(const ConfigNode& a, const ConfigNode& b, const std::string& path, std::vector<std::string>& found) {
  const auto at = [&path](const auto& part) { return path.empty() ? part : path + "." + part; };
  if (a.kind == ConfigNode::Kind::table && b.kind == ConfigNode::Kind::table) {
    for (const auto& entry : a.entries) compare(entry.value, b[entry.key], at(entry.key), found);
    for (const auto& entry : b.entries)
      if (a[entry.key].absent()) found.push_back("+ " + at(entry.key));
  } else if (a.is_array_of_tables() && a.items.size() == b.items.size()) {
    for (std::size_t i = 0; i < a.items.size(); ++i) compare(a.items[i], b.items[i], at(std::to_string(i)), found);
  } else if (to_toml(a) != to_toml(b)) {
    found.push_back(path);
  }
}

std::vector<std::string> differences(std::string_view before, std::string_view after) {
  std::vector<std::string> found;
  compare(parsed(before), parsed(after), "", found);
  return found;
}

TEST_CASE("setup: what a configuration says already is what Enter takes") {
  Place place(kConfiguration);
  place.servers.inside.folders = {"INBOX", "Desk"};
  const auto answers = place.go();
  CHECK(answers.address == "desk@acme.example");
  CHECK(answers.name == "Acme");
  CHECK(answers.time_zone == "Europe/Paris");
  CHECK(answers.admins == std::vector<std::string>{"ops@acme.example", "boss@acme.example"});
  CHECK(answers.mailbox.name == "main");
  CHECK(answers.mailbox.server.url == "imaps://imap.acme.example:1993");
  CHECK(answers.mailbox.server.user == "desk");
  CHECK(answers.mailbox.server.ca_file == "/etc/ticketd/ca.pem");
  CHECK(answers.mailbox.folder == "Desk");
  CHECK(answers.mailbox.backlog == MailboxSettings::Backlog::silent);
  CHECK(answers.imap_password.value == "hunter2");
  CHECK(answers.mailbox.server.password_file == "imap-password");
  CHECK(answers.smtp.url == "smtp://relay.acme.example:25");
  CHECK(answers.smtp.user.empty());
  CHECK(answers.member.login == "bob");
  CHECK(answers.member.roles == std::vector<std::string>{"engineer", "duty"});
  CHECK(answers.member.page == std::vector<std::string>{"1555@sms.example.net"});
  CHECK(place.person.told.find("hunter2") == std::string::npos);
}

TEST_CASE("setup: what is not asked for stays in the configuration") {
  const Place place(kConfiguration);
  const auto text = render_configuration(place.earlier());
  CHECK(differences(kConfiguration, text) == std::vector<std::string>{"+ mailbox.0.failed"});
  CHECK(load_draft(text, place.file).settings);
  const Place again(text);
  CHECK(differences(text, render_configuration(again.earlier())).empty());
}

TEST_CASE("setup: empty lists that stand before all tables are no hindrance") {
  const auto text =
      "rule = []\norganization = []\n" +
      std::string(kConfiguration).replace(std::string_view(kConfiguration).find("[[rule]]"), std::string::npos, "");
  Place place(text);
  place.servers.inside.folders = {"INBOX", "Desk"};
  const auto written = render_configuration(place.go());
  CHECK(load_draft(written, place.file).settings);
  CHECK(differences(text, written) == std::vector<std::string>{"+ mailbox.0.failed", "organization", "rule"});
}

TEST_CASE("setup: a configuration with errors is not thrown away") {
  const Place broken("[support]\naddress = \"nobody\"\n");
  try {
    static_cast<void>(broken.earlier());
    FAIL("it was taken");
  } catch (const CommandFailure& failure) {
    CHECK(failure.code() == kExitConfig);
    CHECK_THAT(failure.what(), Catch::Contains(broken.file + ":2:11: support.address: "));
    CHECK_THAT(failure.what(), Catch::EndsWith("or move the file away to begin anew."));
  }
}

TEST_CASE("setup: a configuration that lacks only what setup asks for is completed") {
  const Place place("[support]\nsubject_tag = \"HELP\"\n");
  const auto before = place.earlier();
  CHECK(before.address.empty());
  CHECK_THAT(render_configuration(before), Catch::Contains("subject_tag = \"HELP\""));
  CHECK_NOTHROW(taken_beside(place.file, place.text(), before, place.options.secrets));
  const Place no_password(
      "[support]\naddress = \"desk@acme.example\"\n[smtp]\nurl = \"smtp://r.example\"\n[[mailbox]]\nname = \"main\"\n"
      "url = \"imaps://imap.acme.example\"\nuser = \"desk\"\n");
  CHECK(no_password.earlier().mailbox.server.user == "desk");
  const Place wrong("[support]\nsubject_tag = 7\n");
  CHECK_THROWS_AS(wrong.earlier(), CommandFailure);
}

TEST_CASE("setup: another address is another mailbox, and another provider has other servers") {
  Place place(kConfiguration);
  place.person.answers["address"] = {"help@acme.example"};
  place.person.answers["provider"] = {"google"};
  place.person.answers["imap_password"] = {"app"};
  const auto answers = place.go();
  CHECK(answers.mailbox.name == "help");
  CHECK(answers.mailbox.server.user == "help@acme.example");
  CHECK(answers.smtp.user == "help@acme.example");
  CHECK(answers.mailbox.server.url == "imaps://imap.gmail.com");
  CHECK(answers.smtp.url == "smtp://smtp.gmail.com:587");
}

TEST_CASE("setup: one password for both servers stays one") {
  std::string text = kConfiguration;
  const std::string_view url = "url = \"smtp://relay.acme.example:25\"\n";
  text.insert(text.find(url) + url.size(), "user = \"desk\"\npassword_file = \"imap-password\"\n");
  Place place(text);
  place.person.answers["imap_password"] = {"changed"};
  place.servers.inside.folders = {"INBOX", "Desk"};
  const auto answers = place.go();
  CHECK(answers.smtp_password.value == "changed");
  CHECK(written_by(answers) == Written{"imap-password-2 = changed"});
  CHECK(answers.smtp.password_file == "imap-password-2");
  CHECK(answers.smtp.user == "desk");
}

TEST_CASE("setup: a refresh token that may have been replaced is not shown again") {
  struct Case {
    const char* url;
    const char* token;
  };
  const Case cases[] = {{"https://login.acme.example/token", ""},
                        {"https://oauth2.googleapis.com/token", "r0"},
                        {"https://login.microsoftonline.com/x/oauth2/v2.0/token", "r0"}};
  for (const auto& c : cases) {
    INFO(c.url);
    std::string text = kConfiguration;
    const std::string_view password = "password_file = \"imap-password\"";
    text.replace(text.find(password), password.size(),
                 fmt::format("oauth2 = {{ token_url = \"{}\", client_id = \"x\", grant = \"refresh_token\", "
                             "refresh_token_file = \"oauth2-refresh-token\" }}",
                             c.url));
    const Place place(text);
    place.keep("oauth2-refresh-token", "r0");
    CHECK(place.earlier().refresh_token.value == c.token);
  }
}

}  // namespace
}  // namespace ticketd
