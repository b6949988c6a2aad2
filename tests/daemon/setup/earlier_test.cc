#include "daemon/ctl/setup/earlier.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <catch2/catch.hpp>

#include "daemon/config/draft.h"
#include "daemon/config/toml_file.h"
#include "tests/daemon/config/scratch_folder.h"
#include "tests/daemon/setup/scripted_interview.h"

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
ca_file = "ca.pem"
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

struct Place {
  ScratchFolder folder;
  std::string file = (folder.path() / "ticketd.toml").string();
  std::string credentials = (folder.path() / "credentials").string();

  explicit Place(std::string_view text) {
    folder.write("ticketd.toml", text);
    folder.write("credentials/imap-password", "hunter2\n");
    ::chmod((credentials + "/imap-password").c_str(), 0600);
  }
};

std::string all_of(const std::string& text) {
  Problems problems;
  const auto root = parse_toml(text, problems.add_file("x"), problems);
  CHECK_FALSE(problems.any_error());
  return to_toml(root);
}

TEST_CASE("setup: what a configuration says already is what Enter takes") {
  const Place place(kConfiguration);
  auto earlier = earlier_answers(place.file, place.credentials);
  REQUIRE(earlier);
  CHECK(earlier->imap_password == "hunter2");
  ScriptedInterview person;
  ScriptedServers servers;
  servers.inside.folders = {"INBOX", "Desk"};
  auto options = kSystem;
  options.before = *earlier;
  const auto answers = ask_for_setup(person, &servers, options);
  CHECK(answers.address == "desk@acme.example");
  CHECK(answers.name == "Acme");
  CHECK(answers.time_zone == "Europe/Paris");
  CHECK(answers.admins == std::vector<std::string>{"ops@acme.example", "boss@acme.example"});
  CHECK(answers.mailbox.name == "main");
  CHECK(answers.mailbox.server.url == "imaps://imap.acme.example:1993");
  CHECK(answers.mailbox.server.user == "desk");
  CHECK(answers.mailbox.server.ca_file == (place.folder.path() / "ca.pem").string());
  CHECK(answers.mailbox.folder == "Desk");
  CHECK(answers.mailbox.backlog == MailboxSettings::Backlog::silent);
  CHECK(answers.imap_password == "hunter2");
  CHECK(answers.smtp.url == "smtp://relay.acme.example:25");
  CHECK(answers.smtp.user.empty());
  CHECK(answers.member.login == "bob");
  CHECK(answers.member.roles == std::vector<std::string>{"engineer", "duty"});
  CHECK(answers.member.page == std::vector<std::string>{"1555@sms.example.net"});
  CHECK(person.told.find("hunter2") == std::string::npos);
}

TEST_CASE("setup: what is not asked for stays in the configuration") {
  const Place place(kConfiguration);
  auto earlier = earlier_answers(place.file, place.credentials);
  REQUIRE(earlier);
  earlier->mailbox.server.ca_file = "ca.pem";
  const auto text = render_configuration(*earlier, "");
  const auto loaded = load_draft(text, place.file);
  for (const auto& problem : loaded.problems) UNSCOPED_INFO(to_string(problem));
  REQUIRE(loaded.settings);
  CHECK(loaded.settings->mailboxes.size() == 2);
  CHECK(loaded.settings->smtp.servers.size() == 2);
  CHECK(loaded.settings->ruleset.staff.size() == 2);
  CHECK(loaded.settings->mailboxes[0].processed.action == AfterwardsSettings::Action::keep);
  CHECK(loaded.settings->mailboxes[1].server.oauth2->client_id == "x");
  CHECK(loaded.settings->ruleset.support.subject_tag == "SUP");
  REQUIRE(loaded.settings->ruleset.mail_rules.size() == 1);
  CHECK(loaded.settings->ruleset.mail_rules[0].header.at(0) ==
        std::pair<std::string, std::string>("X-Odd.Name", "\"quoted\""));
  Place again(text);
  const auto second = earlier_answers(again.file, again.credentials);
  REQUIRE(second);
  auto same = *second;
  same.mailbox.server.ca_file = "ca.pem";
  CHECK(all_of(render_configuration(same, "")) == all_of(text));
}

TEST_CASE("setup: from a configuration with errors nothing is taken over") {
  const Place broken("[support]\naddress = \"nobody\"\n");
  CHECK_FALSE(earlier_answers(broken.file, broken.credentials));
  CHECK_FALSE(earlier_answers(broken.file + ".none", broken.credentials));
}

TEST_CASE("setup: another address is another mailbox, and another provider has other servers") {
  const Place place(kConfiguration);
  auto options = kSystem;
  options.before = *earlier_answers(place.file, place.credentials);
  ScriptedInterview person;
  person.answers["address"] = {"help@acme.example"};
  person.answers["provider"] = {"google"};
  person.answers["imap_password"] = {"app"};
  ScriptedServers servers;
  servers.inside.folders = {"INBOX", "Desk"};
  const auto answers = ask_for_setup(person, &servers, options);
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
  const Place place(text);
  auto options = kSystem;
  options.before = *earlier_answers(place.file, place.credentials);
  ScriptedInterview person;
  person.answers["imap_password"] = {"changed"};
  ScriptedServers servers;
  servers.inside.folders = {"INBOX", "Desk"};
  const auto answers = ask_for_setup(person, &servers, options);
  CHECK(answers.smtp_password == "changed");
  CHECK(answers.smtp.password_file == kImapPassword);
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
    place.folder.write("credentials/oauth2-refresh-token", "r0\n");
    ::chmod((place.credentials + "/oauth2-refresh-token").c_str(), 0600);
    const auto earlier = earlier_answers(place.file, place.credentials);
    REQUIRE(earlier);
    CHECK(earlier->refresh_token == c.token);
  }
}

}  // namespace
}  // namespace ticketd
