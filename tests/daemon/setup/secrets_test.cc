// For whom a stored secret is suggested, and in which files secrets lie afterwards.
#include <fmt/format.h>
#include <sys/stat.h>
#include <catch2/catch.hpp>

#include "tests/daemon/setup/scratch_desk.h"

namespace ticketd {
namespace {

constexpr auto kUnreachable = NetError::Kind::unreachable;

/// `login`: what stands in the tables of both servers.
std::string desk_with(const std::string& imap_login, const std::string& smtp_login) {
  return "[support]\naddress = \"desk@acme.example\"\n[[mailbox]]\nname = \"main\"\nurl = "
         "\"imaps://imap.acme.example\"\n"
         "user = \"desk\"\n" +
         imap_login + "[smtp]\nurl = \"smtp://relay.acme.example\"\n" + smtp_login +
         "[[staff]]\nname = \"Bob\"\nemail = \"bob@acme.example\"\n";
}

std::string sharing_desk() {
  return desk_with("password_file = \"imap-password\"\n", "user = \"desk\"\npassword_file = \"imap-password\"\n");
}

struct SharingDesk : ScratchDesk {
  SharingDesk() : ScratchDesk(sharing_desk()) { keep("imap-password", "main-1"); }
};

TEST_CASE("setup again: a password that both servers share goes to no other relay, also not where it is corrected") {
  SharingDesk desk;
  desk.servers.smtp = {{"no such host", kUnreachable}};
  desk.person.answers["smtp_server"] = {"", "other.example"};
  SECTION("stored") {}
  SECTION("typed for the mailbox") { desk.person.answers["imap_password"] = {"main-2"}; }
  CHECK_THROWS_WITH(desk.go(), "no answer to smtp_password");
  REQUIRE(desk.servers.tried.size() == 1);
  CHECK(desk.servers.tried[0].url == "smtp://relay.acme.example");
}

TEST_CASE("setup again: the relay keeps the password that it had, whatever becomes of the mailbox") {
  SharingDesk desk;
  desk.person.answers["imap_server"] = {"other.example"};
  desk.person.answers["imap_password"] = {"other-1"};
  const auto answers = desk.go();
  CHECK(desk.servers.tried.at(0).password == "main-1");
  CHECK(answers.smtp.password_file == "imap-password");
  CHECK(answers.mailbox.server.password_file == "imap-password-2");
  CHECK(written_by(answers) == Written{"imap-password-2 = other-1"});
}

TEST_CASE("setup: a file of a secret that another configuration has is not written over") {
  SharingDesk desk;
  desk.options.taken = taken_beside(desk.file, "", {}, desk.options.secrets);
  desk.person = hasty_person();
  SECTION("another secret") {
    const auto answers = ask_for_setup(desk.person, nullptr, desk.options);
    CHECK(written_by(answers) == Written{"imap-password-2 = pass-1"});
    CHECK(answers.smtp.password_file == "imap-password-2");
  }
  SECTION("the very same, which need not be written") {
    desk.keep("imap-password", "pass-1");
    const auto answers = ask_for_setup(desk.person, nullptr, desk.options);
    CHECK(written_by(answers).empty());
    CHECK(answers.mailbox.server.password_file == "imap-password");
  }
  SECTION("the same, but others can read it") {
    desk.keep("imap-password", "pass-1");
    ::chmod((desk.credentials + "/imap-password").c_str(), 0644);
    CHECK(written_by(ask_for_setup(desk.person, nullptr, desk.options)) == Written{"imap-password-2 = pass-1"});
  }
  SECTION("a link that leads nowhere") {
    std::filesystem::remove(desk.credentials + "/imap-password");
    std::filesystem::create_symlink("nowhere", desk.credentials + "/imap-password");
    CHECK(written_by(ask_for_setup(desk.person, nullptr, desk.options)) == Written{"imap-password-2 = pass-1"});
  }
}

TEST_CASE("setup again: a secret that stays is called what it was called") {
  struct Case {
    const char* what;
    bool is_systems;
    bool by_path;
  };
  const Case cases[] = {
      {"a name", true, false}, {"a path", true, true}, {"a name, where paths are usual", false, false}};
  for (const auto& c : cases) {
    INFO(c.what);
    SharingDesk desk;
    desk.options.secrets.is_systems = c.is_systems;
    const auto name = c.by_path ? desk.credentials + "/imap-password" : "imap-password";
    desk.folder.write("ticketd.toml", desk_with(fmt::format("password_file = \"{}\"\n", name), ""));
    const auto answers = desk.go();
    CHECK(answers.mailbox.server.password_file == name);
    CHECK(written_by(answers).empty());
  }
}

TEST_CASE("setup again: what only the daemon has stays by Enter, and is not tried or written") {
  ScratchDesk desk(sharing_desk());
  const auto answers = desk.go();
  CHECK(desk.person.times_asked("imap_password") == 1);
  CHECK(desk.servers.looked.empty());
  CHECK(desk.servers.tried.empty());
  CHECK(answers.mailbox.server.password_file == "imap-password");
  CHECK(answers.smtp.password_file == "imap-password");
  CHECK(written_by(answers).empty());
}

TEST_CASE("setup again: a secret whose file is lost can be typed") {
  ScratchDesk desk(sharing_desk());
  desk.person.answers["imap_password"] = {"pass-1"};
  const auto answers = desk.go();
  CHECK(written_by(answers) == Written{"imap-password-2 = pass-1"});
  CHECK(desk.servers.tried.at(0).password == "pass-1");
}

TEST_CASE("setup: a name that the configuration before had from elsewhere is no name for a file") {
  ScratchDesk desk(sharing_desk());
  desk.options.taken = taken_beside(desk.file, desk.text(), {}, desk.options.secrets);
  desk.person = hasty_person();
  CHECK(written_by(ask_for_setup(desk.person, nullptr, desk.options)) == Written{"imap-password-2 = pass-1"});
}

TEST_CASE("setup again: what only the daemon has does not go to another server either") {
  ScratchDesk desk(sharing_desk());
  desk.person.answers["imap_server"] = {"other.example"};
  CHECK_THROWS_WITH(desk.go(), "no answer to imap_password");
}

TEST_CASE("setup again: a refresh token that the provider replaces goes into a file of its own") {
  const std::string oauth2 =
      "oauth2 = { token_url = \"https://oauth2.googleapis.com/token\", client_id = \"x\", grant = \"refresh_token\", "
      "refresh_token_file = \"oauth2-refresh-token\" }\n";
  ScratchDesk desk(desk_with(oauth2, "user = \"desk\"\n" + oauth2));
  desk.keep("oauth2-refresh-token", "r0");
  SECTION("replaced") {
    desk.servers.tokens = {{{}, {"access", "r1", {}, ""}}};
    const auto answers = desk.go();
    CHECK(written_by(answers) == Written{"oauth2-refresh-token-2 = r1"});
    REQUIRE(answers.smtp.oauth2);
    CHECK(answers.smtp.oauth2->refresh_token_file == "oauth2-refresh-token-2");
  }
  SECTION("kept") { CHECK(written_by(desk.go()).empty()); }
}

/// Both servers log in by OAuth 2 with a refresh token; `more` stands in the table.
std::string refreshing_desk(const std::string& token_url, const std::string& more = {}) {
  const auto oauth2 = fmt::format(
      "oauth2 = {{ token_url = \"{}\", client_id = \"x\", grant = \"refresh_token\", refresh_token_file = "
      "\"oauth2-refresh-token\"{} }}\n",
      token_url, more);
  return desk_with(oauth2, "user = \"desk\"\n" + oauth2);
}

TEST_CASE("setup again: a refresh token that is typed once more stays in its file") {
  ScratchDesk desk(refreshing_desk("https://login.acme.example/token"));
  desk.keep("oauth2-refresh-token", "r0");
  SECTION("the same") {
    desk.person.answers["oauth2_refresh_token"] = {"r0"};
    const auto answers = desk.go();
    CHECK(written_by(answers).empty());
    CHECK(answers.mailbox.server.oauth2->refresh_token_file == "oauth2-refresh-token");
  }
  SECTION("another one") {
    desk.person.answers["oauth2_refresh_token"] = {"r1"};
    CHECK(written_by(desk.go()) == Written{"oauth2-refresh-token-2 = r1"});
  }
}

TEST_CASE("setup again: Enter drops no secret that can't be had, although there need not be one") {
  ScratchDesk desk(
      refreshing_desk("https://oauth2.googleapis.com/token", ", client_secret_file = \"/nowhere/secret\""));
  desk.keep("oauth2-refresh-token", "r0");
  SECTION("Enter") {
    CHECK_THROWS_WITH(desk.go(), "no answer to oauth2_client_secret");
    CHECK(desk.person.told.find("The one before can't be had: ") != std::string::npos);
  }
  SECTION("none") {
    desk.person.answers["oauth2_client_secret"] = {"none"};
    CHECK(desk.go().mailbox.server.oauth2->client_secret_file.empty());
  }
  SECTION("another one") {
    desk.person.answers["oauth2_client_secret"] = {"s1"};
    CHECK(written_by(desk.go()) == Written{"oauth2-secret = s1"});
  }
}

TEST_CASE("setup again: nor does it drop a password beside a client certificate") {
  const auto with_certificate = [](const std::string& password) {
    return desk_with("client_certificate_file = \"desk.pem\"\n" + password, "");
  };
  ScratchDesk desk(with_certificate("password_file = \"/nowhere/password\"\n"));
  SECTION("Enter") { CHECK_THROWS_WITH(desk.go(), "no answer to imap_password"); }
  SECTION("none") {
    desk.person.answers["imap_password"] = {"none"};
    CHECK(desk.go().mailbox.server.password_file.empty());
  }
  SECTION("there was none, and Enter leaves it so") {
    ScratchDesk without(with_certificate(""));
    CHECK(without.go().mailbox.server.password_file.empty());
  }
}

}  // namespace
}  // namespace ticketd
