// What Enter comes to where a configuration is there already, and which files of secrets that touches.
#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "tests/daemon/setup/scratch_desk.h"

namespace ticketd {
namespace {

constexpr auto kDesk = R"([support]
address = "desk@acme.example"
)";
constexpr auto kMailbox = R"([[mailbox]]
name = "main"
url = "imaps://imap.acme.example"
user = "desk"
)";
constexpr auto kStaff = R"([[staff]]
name = "Bob"
email = "bob@acme.example"
)";
constexpr auto kOAuth2 =
    R"(oauth2 = { token_url = "https://login.acme.example/token", client_id = "x", client_secret_file = "s", grant = "client_credentials" }
)";

using Rerun = ScratchDesk;

/// The names that setup would choose belong to others here.
std::string desk_of_others(const std::string& folder) {
  return std::string(kDesk) + kMailbox + fmt::format("password_file = \"{}/support-password\"\n", folder) +
         fmt::format(
             "[[mailbox]]\nname = \"sales\"\nurl = \"imaps://sales.example\"\nuser = \"sales\"\n"
             "password_file = \"{}/imap-password\"\n",
             folder) +
         fmt::format(
             "[smtp]\nurl = \"smtp://relay.acme.example\"\nuser = \"desk\"\npassword_file = "
             "\"{0}/support-password\"\n[[smtp.fallback]]\nurl = \"smtp://second.example\"\nuser = \"x\"\n"
             "password_file = \"{0}/smtp-password\"\n",
             folder) +
         kStaff;
}

struct OthersRerun : Rerun {
  OthersRerun() : Rerun("") {
    folder.write("ticketd.toml", desk_of_others(credentials));
    keep("support-password", "main-1");
    keep("imap-password", "sales-1");
    keep("smtp-password", "second-1");
  }
};

TEST_CASE("setup again: Enter leaves every file of a secret to whom it belongs") {
  OthersRerun rerun;
  const auto answers = rerun.go();
  CHECK(written_by(answers).empty());
  const auto text = render_configuration(answers);
  CHECK(text.find("name = \"main\"\nurl = \"imaps://imap.acme.example\"\nuser = \"desk\"\npassword_file = \"" +
                  rerun.credentials + "/support-password\"") != std::string::npos);
  CHECK(rerun.servers.tried.at(0).password == "main-1");
}

TEST_CASE("setup again: a new secret never goes into a file that is there") {
  OthersRerun rerun;
  rerun.person.answers["imap_password"] = {"main-2"};
  rerun.person.answers["smtp_password"] = {"relay-2"};
  const auto answers = rerun.go();
  CHECK(written_by(answers) == Written{"imap-password-2 = main-2", "smtp-password-2 = relay-2"});
  const auto left = [&](const SecretFolder& secrets) {
    return secrets_left_behind(rerun.text(), render_configuration(answers), rerun.file, secrets);
  };
  CHECK(left(rerun.options.secrets) == std::vector<std::string>{rerun.credentials + "/support-password"});
  CHECK(left({"/another/folder", false}).empty());
}

TEST_CASE("setup again: a secret that another mailbox shares is left to it once it changes") {
  OthersRerun rerun;
  std::string shared = desk_of_others(rerun.credentials);
  for (std::size_t at = 0; (at = shared.find("imap-password", at)) != std::string::npos;)
    shared.replace(at, std::string("imap-password").size(), "support-password");
  rerun.folder.write("ticketd.toml", shared);
  rerun.person.answers["imap_password"] = {"main-2"};
  const auto answers = rerun.go();
  CHECK(written_by(answers) == Written{"imap-password-2 = main-2"});
  CHECK(secrets_left_behind(rerun.text(), render_configuration(answers), rerun.file, rerun.options.secrets).empty());
}

TEST_CASE("setup again: conf.d has names of its own, and a path elsewhere is not written") {
  Rerun rerun(std::string(kDesk) + kMailbox +
              "password_file = \"/nowhere/imap\"\n[smtp]\nurl = \"smtp://r.example\"\n" + kStaff);
  rerun.folder.write("conf.d/10.toml",
                     "[[mailbox]]\nname = \"sales\"\nurl = \"imaps://sales.example\"\nuser = \"sales\"\n"
                     "password_file = \"imap-password\"\n");
  rerun.person.answers["imap_password"] = {"main-2"};
  CHECK(written_by(rerun.go()) == Written{"imap-password-2 = main-2"});
  CHECK(rerun.person.told.find("can't be had: secret /nowhere/imap: No such file") != std::string::npos);
}

TEST_CASE("setup again: what conf.d has is known before anything is typed, whatever stands there") {
  Rerun rerun(std::string(kDesk) + "[smtp]\nurl = \"smtp://relay.acme.example\"\n");
  rerun.folder.write("conf.d/10.toml",
                     std::string(kMailbox) + "password_file = \"imap-password\"\n" + kStaff + "login = \"bob\"\n");
  rerun.person = hasty_person();
  rerun.person.answers["staff_name"] = {"bob", "Ann"};
  const auto answers = rerun.go();
  CHECK(rerun.options.taken.mailboxes == std::vector<std::string>{"main"});
  CHECK(rerun.options.taken.logins == std::vector<std::string>{"bob"});
  CHECK(rerun.person.faults ==
        std::vector<std::string>{"staff_name: another [[staff]] of the configuration has it already"});
  CHECK(written_by(answers) == Written{"imap-password-2 = pass-1"});
}

TEST_CASE("setup again: OAuth 2 of the relay's own stays, and gets nobody's password") {
  Rerun rerun(std::string(kDesk) + kMailbox +
              "password_file = \"imap-password\"\n[smtp]\nurl = \"smtp://r.example\"\n" + "user = \"desk\"\n" +
              kOAuth2 + kStaff);
  rerun.keep("imap-password", "main-1");
  SECTION("Enter") {
    const auto answers = rerun.go();
    REQUIRE(answers.smtp.oauth2);
    CHECK(answers.smtp.oauth2->client_id == "x");
    CHECK(answers.smtp.password_file.empty());
    CHECK(rerun.servers.tried.empty());
    CHECK(rerun.person.told.find("is not tried") != std::string::npos);
  }
  SECTION("a password instead") {
    rerun.person.answers["smtp_login"] = {"password"};
    CHECK_THROWS_WITH(rerun.go(), "no answer to smtp_password");
  }
  SECTION("another server") {
    rerun.person.answers["smtp_server"] = {"other.example"};
    CHECK_THROWS_WITH(rerun.go(), "no answer to smtp_password");
    CHECK(rerun.person.times_asked("smtp_login") == 0);
  }
}

TEST_CASE("setup again: a relay that takes the certificate alone gets no password") {
  Rerun rerun(std::string(kDesk) + kMailbox +
              "password_file = \"imap-password\"\n[smtp]\nurl = \"smtp://r.example\"\n" +
              "user = \"desk\"\nclient_certificate_file = \"/etc/hostname\"\n" + kStaff);
  rerun.keep("imap-password", "main-1");
  const auto answers = rerun.go();
  CHECK(answers.smtp.password_file.empty());
  CHECK(rerun.servers.tried.at(0).password.empty());
}

TEST_CASE("setup again: no password goes to a server that it was not for") {
  struct Case {
    const char* what;
    const char* server;
    const char* imap_password;
    const char* asked;
  };
  const Case cases[] = {
      {"another mailbox", "imap_server", "", "no answer to imap_password"},
      {"another relay", "smtp_server", "", "no answer to smtp_password"},
      {"another relay, and another password of the mailbox", "smtp_server", "x", "no answer to smtp_password"}};
  for (const auto& c : cases) {
    INFO(c.what);
    Rerun rerun(std::string(kDesk) + kMailbox + "password_file = \"imap-password\"\n[smtp]\nurl = " +
                "\"smtp://r.example\"\nuser = \"desk\"\npassword_file = \"imap-password\"\n" + kStaff);
    rerun.keep("imap-password", "main-1");
    rerun.person.answers[c.server] = {"other.example"};
    if (*c.imap_password != 0) rerun.person.answers["imap_password"] = {c.imap_password};
    CHECK_THROWS_WITH(rerun.go(), c.asked);
  }
}

TEST_CASE("setup again: a secret of an application goes to its token URL alone") {
  Rerun rerun(std::string(kDesk) + kMailbox + kOAuth2 + "[smtp]\nurl = \"smtp://r.example\"\n" + kStaff);
  rerun.keep("s", "hush");
  SECTION("the same") { CHECK(rerun.go().client_secret.value == "hush"); }
  SECTION("another") {
    rerun.person.answers["oauth2_token_url"] = {"https://other.example/token"};
    CHECK_THROWS_WITH(rerun.go(), "no answer to oauth2_client_secret");
  }
  SECTION("and a token for it to the IMAP server alone that it was for") {
    rerun.person.answers["imap_server"] = {"other.example"};
    CHECK_THROWS_WITH(rerun.go(), "no answer to oauth2_client_secret");
  }
  SECTION("also where the IMAP server is corrected") {
    rerun.servers.imap = {{"no such host", NetError::Kind::unreachable}};
    rerun.person.answers["imap_server"] = {"", "other.example"};
    CHECK_THROWS_WITH(rerun.go(), "no answer to oauth2_client_secret");
    CHECK(rerun.servers.looked.size() == 1);
  }
}

TEST_CASE("setup again: another provider gets nothing that is peculiar to the one before") {
  Rerun rerun(
      std::string(kDesk) + kMailbox + "client_certificate_file = \"/etc/hostname\"\nfolder = \"Desk\"\n" +
      "processed = \"keep\"\npoll_interval = \"30s\"\n[smtp]\nurl = \"smtp://r.example\"\nretry_first = \"2m\"\n" +
      "[[smtp.fallback]]\nurl = \"smtp://second.example\"\n" + kStaff);
  rerun.person.answers["provider"] = {"google"};
  rerun.person.answers["imap_password"] = {"app"};
  const auto answers = rerun.go();
  const auto text = render_configuration(answers);
  CHECK(rerun.servers.looked.at(0).client_certificate_file.empty());
  CHECK(answers.mailbox.folder == "INBOX");
  for (const char* gone : {"client_certificate_file", "fallback", "processed = \"keep\""})
    CHECK(text.find(gone) == std::string::npos);
  for (const char* kept : {"poll_interval", "retry_first", "processed = \"move:Processed\""})
    CHECK(text.find(kept) != std::string::npos);
  CHECK(rerun.person.told.find("left out from now on") != std::string::npos);
}

TEST_CASE("setup again: Enter takes the defaults that the configuration relies on") {
  Rerun rerun(std::string(kDesk) + kMailbox + "password_file = \"imap-password\"\nca_file = \"/etc/hostname\"\n" +
              "[smtp]\nurl = \"smtp://r.example\"\n" + kStaff);
  rerun.keep("imap-password", "main-1");
  const auto answers = rerun.go();
  CHECK(answers.time_zone == "UTC");
  CHECK(answers.name == "desk@acme.example");
  CHECK(answers.admins.empty());
  CHECK(answers.member.roles.empty());
  CHECK(answers.smtp.ca_file.empty());
  CHECK(store_of(rerun.text(), rerun.file) == "/var/lib/ticketd/tickets.db");
}

TEST_CASE("setup again: a mailbox keeps its name in the ledger as long as it is the same one") {
  struct Case {
    const char* what;
    const char* server;
    const char* user;
    const char* name;
  };
  const Case cases[] = {{"another address of the same mailbox", "", "", "main"},
                        {"another user", "", "help", "help"},
                        {"another server", "other.example", "", "help"}};
  for (const auto& c : cases) {
    INFO(c.what);
    Rerun rerun(std::string(kDesk) + kMailbox +
                "password_file = \"imap-password\"\n[smtp]\nurl = " + "\"smtp://r.example\"\n" + kStaff);
    rerun.keep("imap-password", "main-1");
    rerun.person.answers["address"] = {"help@acme.example"};
    rerun.person.answers["imap_server"] = {c.server};
    rerun.person.answers["imap_user"] = {c.user};
    rerun.person.answers["imap_password"] = {"main-1"};
    CHECK(rerun.go().mailbox.name == c.name);
  }
}

TEST_CASE("setup again: nobody is asked what becomes of mails that the ledger knows") {
  Rerun rerun(std::string(kDesk) + kMailbox + "password_file = \"imap-password\"\nbacklog = \"silent\"\n[smtp]\n" +
              "url = \"smtp://r.example\"\n" + kStaff);
  rerun.keep("imap-password", "main-1");
  rerun.options.has_begun = [](const MailboxSettings& mailbox) { return mailbox.name == "main"; };
  CHECK(rerun.go().mailbox.backlog == MailboxSettings::Backlog::silent);
  CHECK(rerun.person.times_asked("backlog") == 0);
}

}  // namespace
}  // namespace ticketd
