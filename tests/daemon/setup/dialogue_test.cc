#include "daemon/ctl/setup/dialogue.h"

#include <sys/stat.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include "daemon/ctl/setup/presets.h"
#include "tests/daemon/config/scratch_folder.h"
#include "tests/daemon/setup/scripted_interview.h"

namespace ticketd {
namespace {

using Kind = NetError::Kind;

constexpr auto kAuthority = R"(-----BEGIN CERTIFICATE-----
MIIBfjCCASWgAwIBAgIUL2ttnkiOcLWJO0QmbvExYYndwQAwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJYXV0aG9yaXR5MCAXDTI2MTEyNzA4Mzg0M1oYDzIxMjYxMTAz
MDgzODQzWjAUMRIwEAYDVQQDDAlhdXRob3JpdHkwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARfOjlaAHTNIxNOzbqTcWivchzIfMCvAapptOKn5apd6IZrGuapyo+3
DXLwWojZhtO5sxqTjLSpdhXaogW3hmAqo1MwUTAdBgNVHQ4EFgQUFgm1ZLkMQJsB
b9xifXx8RdSQ90wwHwYDVR0jBBgwFoAUFgm1ZLkMQJsBb9xifXx8RdSQ90wwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiA7l/ZXCKjlnLaCd3nYJ/7G
H2LrqkkYCiRDyxlFn9VSTwIgJfFYnQ+Lr/6cI1uSUZu90C9+hdEOlkKu5IWMwK8m
Hi0=
-----END CERTIFICATE-----
)";

TEST_CASE("setup: Enter takes what is suggested") {
  auto person = hasty_person();
  ScriptedServers servers;
  const auto answers = ask_for_setup(person, &servers, kSystem);
  CHECK(answers.name == "Example Support");
  CHECK(answers.time_zone == "Europe/Berlin");
  CHECK(answers.mailbox.name == "support");
  CHECK(answers.mailbox.server.url == "imaps://imap.example.com");
  CHECK(answers.mailbox.server.user == "support@example.com");
  CHECK(answers.mailbox.server.password_file == kImapPassword);
  CHECK(answers.mailbox.folder == "INBOX");
  CHECK(answers.mailbox.backlog == MailboxSettings::Backlog::ignore);
  CHECK(answers.smtp.url == "smtp://smtp.example.com:587");
  CHECK(answers.smtp.user == "support@example.com");
  CHECK(answers.smtp.password_file == kImapPassword);
  CHECK(answers.smtp_password.value == "pass-1");
  CHECK(answers.member.login == "ann");
  CHECK(answers.member.roles == std::vector<std::string>{"engineer"});
  CHECK(answers.admins == std::vector<std::string>{"ann@example.com"});
  CHECK(answers.store_path.empty());
  REQUIRE(servers.looked.size() == 1);
  CHECK(servers.looked[0].password == "pass-1");
  REQUIRE(servers.tried.size() == 1);
  CHECK(servers.tried[0].password == "pass-1");
  CHECK(person.told.find("INBOX holds 3 mails") != std::string::npos);
  CHECK(person.told.find("pass-1") == std::string::npos);
}

TEST_CASE("setup: an answer that the configuration would refuse is asked for again") {
  struct Case {
    const char* key;
    const char* wrong;
    const char* right;
    const char* why;
  };
  const Case cases[] = {
      {"address", "support", "support@example.com", "mail address"},
      {"time_zone", "Mars/Phobos", "Europe/Paris", "IANA time zone"},
      {"imap_server", "imaps://", "imap.example.com", "there is no host"},
      {"imap_server", "imaps://ann:pw@example.com", "imap.example.com", "settings of their own"},
      {"imap_server", "http://example.com", "imap.example.com", "imaps://HOST"},
      {"imap_server", "imap.example.com:99999", "imap.example.com", "port"},
      {"imap_server", "imap.example.com;AUTH=PLAIN", "imap.example.com", "letters, digits"},
      {"imap_server", "imap%2eexample.com", "imap.example.com", "letters, digits"},
      {"imap_server", "imaps://[::g]", "imaps://[2001:db8::1]", "IPv6"},
      {"smtp_server", "smtp://mail.example.com&x=y", "mail.example.com", "letters, digits"},
      {"smtp_server", "imaps://example.com", "mail.example.com", "smtp"},
      {"staff_email", "SUPPORT@example.com", "ann@example.com", "desk's own address"},
      {"staff_role", "boss", "Director", "managing-director"},
      {"staff_login", "Ann Engineer", "ann", "one word of letters"},
      {"staff_login", "-ann", "ann", "one word of letters"},
      {"staff_login", "ann:x", "EXAMPLE\\ann", "one word of letters"},
      {"staff_page", "15551234567", "15551234567@sms.example.net", "mail address"},
      {"admins", "ops@example.com, nobody", "ops@example.com", "mail address"},
      {"name", "a\x80z", "Example", "not UTF-8"},
      {"backlog", "all", "silent", "ignore"},
      {"login", "certificate", "password", "oauth2"},
  };
  for (const auto& c : cases) {
    INFO(c.key << ": " << c.wrong);
    auto person = hasty_person();
    person.answers[c.key] = {c.wrong, c.right};
    ScriptedServers servers;
    static_cast<void>(ask_for_setup(person, &servers, kSystem));
    REQUIRE(person.faults.size() == 1);
    CHECK(person.faults[0].find(c.why) != std::string::npos);
  }
}

TEST_CASE("setup: a refused login asks for user and password again, not for the server") {
  auto person = hasty_person();
  ScriptedServers servers;
  servers.imap = {{"the login was refused", Kind::login}};
  const auto answers = ask_for_setup(person, &servers, kSystem);
  CHECK(person.times_asked("imap_server") == 1);
  CHECK(person.times_asked("imap_password") == 2);
  CHECK(answers.imap_password.value == "pass-2");
  CHECK(person.told.find("the login was refused") != std::string::npos);
}

TEST_CASE("setup: what a server says can't reach the terminal") {
  auto person = hasty_person();
  ScriptedServers servers;
  servers.imap = {{"the server says \"\x1b[2J\"", Kind::login}};
  static_cast<void>(ask_for_setup(person, &servers, kSystem));
  CHECK(person.told.find('\x1b') == std::string::npos);
  CHECK(person.told.find("the server says") != std::string::npos);
}

TEST_CASE("setup: where a login is refused, one hears once more what that provider wants") {
  auto person = hasty_person();
  person.answers["address"] = {"desk@gmail.com"};
  ScriptedServers servers;
  servers.imap = {{"the login was refused", Kind::login}};
  static_cast<void>(ask_for_setup(person, &servers, kSystem));
  const auto first = person.told.find("app password (myaccount");
  CHECK(person.told.find("app password (myaccount", first + 1) != std::string::npos);
}

TEST_CASE("setup: where the first guess is no server, the second is suggested") {
  auto person = hasty_person();
  ScriptedServers servers;
  servers.imap = {{"no such host", Kind::unreachable}};
  servers.smtp = {{"no such host", Kind::unreachable}};
  const auto answers = ask_for_setup(person, &servers, kSystem);
  CHECK(answers.mailbox.server.url == "imaps://mail.example.com");
  CHECK(answers.smtp.url == "smtp://mail.example.com:587");
}

TEST_CASE("setup: what does not work can stay as it is") {
  auto person = hasty_person();
  person.answers[""] = {"keep", "keep"};
  ScriptedServers servers;
  servers.imap = {{"no answer", Kind::timeout}};
  servers.smtp = {{"no answer", Kind::timeout}};
  const auto answers = ask_for_setup(person, &servers, kSystem);
  CHECK(answers.mailbox.server.url == "imaps://imap.example.com");
  CHECK_FALSE(answers.messages);
  CHECK(answers.failed_trials ==
        std::vector<std::string>{"The login to the IMAP server", "The login to the SMTP server"});
}

TEST_CASE("setup: a certificate that is not believed leads to the authority's file") {
  auto person = hasty_person();
  const ScratchFolder folder;
  folder.write("authority.pem", kAuthority);
  folder.write("words", "no certificate\n");
  const auto file = (folder.path() / "authority.pem").string();
  person.answers["imap_ca_file"] = {"relative.pem", folder.path(), folder.path() / "words", file};
  ScriptedServers servers;
  servers.imap = {{"SSL certificate problem: unable to get local issuer certificate", Kind::tls}};
  const auto answers = ask_for_setup(person, &servers, kSystem);
  CHECK(answers.mailbox.server.ca_file == file);
  CHECK(answers.smtp.ca_file == file);
  CHECK(person.times_asked("imap_server") == 1);
  CHECK(person.times_asked("imap_password") == 1);
  CHECK(person.faults ==
        std::vector<std::string>{"imap_ca_file: it must be an absolute path",
                                 "imap_ca_file: there is no such file that could be read",
                                 "imap_ca_file: it holds no certificate in PEM (-----BEGIN CERTIFICATE-----)"});
}

TEST_CASE("setup: the folder is one that the server has") {
  auto person = hasty_person();
  person.answers["folder"] = {"Desk", "Support"};
  ScriptedServers servers;
  servers.inside.folders = {"INBOX", "Support", "Evil\x1b[2J"};
  const auto answers = ask_for_setup(person, &servers, kSystem);
  CHECK(answers.mailbox.folder == "Support");
  CHECK(person.faults == std::vector<std::string>{"folder: the server has no such folder"});
  CHECK(servers.looked.size() == 2);
  CHECK(person.told.find('\x1b') == std::string::npos);
}

TEST_CASE("setup: where all folders stand below INBOX, so do those of filed mails") {
  struct Case {
    const char* name;
    std::vector<std::string> folders;
    const char* processed;
  };
  const Case cases[] = {
      {"on one level", {"INBOX", "Sent"}, "Processed"},
      {"below, with a dot", {"INBOX", "INBOX.Sent", "INBOX.Sent.2025"}, "INBOX.Processed"},
      {"below, with a slash", {"Inbox", "Inbox/Sent"}, "Inbox/Processed"},
      {"both", {"INBOX", "INBOX.Old", "Sent"}, "Processed"},
      {"two kinds of below", {"INBOX", "INBOX.Old", "INBOX/Sent"}, "Processed"},
      {"nothing but INBOX", {"INBOX"}, "Processed"},
      {"the server does not tell", {}, "Processed"},
      {"begins alike", {"INBOX", "INBOXES"}, "Processed"},
  };
  for (const auto& c : cases) {
    INFO(c.name);
    auto person = hasty_person();
    ScriptedServers servers;
    servers.inside.folders = c.folders;
    const auto answers = ask_for_setup(person, &servers, kSystem);
    CHECK(answers.mailbox.processed.folder == c.processed);
    CHECK(render_configuration(answers).find(std::string("\"move:") + c.processed) != std::string::npos);
  }
}

TEST_CASE("setup: nothing is read from where filed mails go") {
  auto person = hasty_person();
  person.answers["folder"] = {"Processed", "INBOX"};
  ScriptedServers servers;
  servers.inside.folders = {"INBOX", "Processed"};
  CHECK(ask_for_setup(person, &servers, kSystem).mailbox.folder == "INBOX");
  CHECK(person.faults == std::vector<std::string>{"folder: that is where mails go once they are filed"});
}

TEST_CASE("setup: a folder that can't be opened is told, and asked for again") {
  auto person = hasty_person();
  person.answers["folder"] = {"", "Support"};
  ScriptedServers servers;
  servers.inside.folders = {"INBOX", "Support"};
  servers.refused_folders["INBOX"] = "EXAMINE INBOX: the server says \"not for you\"";
  const auto answers = ask_for_setup(person, &servers, kSystem);
  CHECK(answers.mailbox.folder == "Support");
  CHECK(answers.messages == 3u);
  CHECK(person.told.find("not for you") != std::string::npos);
}

TEST_CASE("setup: nobody is asked what to do with mails that are not there") {
  auto person = hasty_person();
  ScriptedServers servers;
  servers.inside.messages = 0;
  static_cast<void>(ask_for_setup(person, &servers, kSystem));
  CHECK(person.times_asked("backlog") == 0);
}

TEST_CASE("setup: a relay without login gets none") {
  auto person = hasty_person();
  person.answers["smtp_user"] = {"none"};
  ScriptedServers servers;
  const auto answers = ask_for_setup(person, &servers, kSystem);
  CHECK(answers.smtp.user.empty());
  CHECK(answers.smtp.password_file.empty());
  CHECK(answers.new_secrets.size() == 1);
  CHECK(person.times_asked("smtp_password") == 0);
  REQUIRE(servers.tried.size() == 1);
  CHECK(servers.tried[0].password.empty());
  CHECK(person.told.find("It answers; no login was tried.") != std::string::npos);
}

TEST_CASE("setup: a machine that is set to UTC does not tell where the office is") {
  struct Case {
    const char* of_machine;
    const char* of_before;
    bool is_told;
  };
  const Case cases[] = {
      {"UTC", "", true},           {"Etc/UTC", "", true},
      {"Etc/UCT", "", true},       {"Zulu", "", true},
      {"Etc/Universal", "", true}, {"Europe/Berlin", "", false},
      {"Etc/GMT-1", "", false},    {"UTC", "Europe/Paris", false},
      {"UTC", "UTC", true},        {"Europe/Berlin", "UTC", false},
  };
  for (const auto& c : cases) {
    INFO(c.of_machine << ", " << c.of_before);
    auto person = hasty_person();
    auto options = kSystem;
    options.machine.time_zone = c.of_machine;
    options.before.time_zone = c.of_before;
    const auto answers = ask_for_setup(person, nullptr, options);
    CHECK(answers.time_zone == (*c.of_before != '\0' ? c.of_before : c.of_machine));
    CHECK((person.told.find("This machine is set to UTC; name the zone of your office") != std::string::npos) ==
          c.is_told);
  }
}

TEST_CASE("setup: whoever is alone hears of everything, and is told so") {
  auto person = hasty_person();
  static_cast<void>(ask_for_setup(person, nullptr, kSystem));
  CHECK(person.told.find("Where a role has nobody, the others hear of it.") != std::string::npos);
}

TEST_CASE("setup: what the daemon can't read is mended in another terminal") {
  if (::geteuid() != 0) {
    WARN("skipped: only root can look as another user");
    return;
  }
  auto person = hasty_person();
  const ScratchFolder folder;
  folder.write("setup_test_ca.pem", kAuthority);
  const auto file = (folder.path() / "setup_test_ca.pem").string();
  ::chmod(file.c_str(), 0600);
  person.answers["imap_ca_file"] = {file};
  auto options = kSystem;
  options.daemon = {false, 65534, {65534}, false};
  ScriptedServers servers;
  servers.imap = {{"SSL certificate problem: unable to get local issuer certificate", Kind::tls}};
  static_cast<void>(ask_for_setup(person, &servers, options));
  REQUIRE(person.faults.size() == 1);
  CHECK(person.faults[0].find("; in another terminal do `install -m 644 ") != std::string::npos);
}

TEST_CASE("setup: a password of its own for SMTP is a file of its own") {
  auto person = hasty_person();
  person.answers["smtp_password"] = {"other"};
  ScriptedServers servers;
  const auto answers = ask_for_setup(person, &servers, kSystem);
  const auto credentials = answers.new_secrets;
  REQUIRE(credentials.size() == 2);
  CHECK(credentials[0].name == "imap-password");
  CHECK(credentials[0].value == "pass-1");
  CHECK(credentials[1].name == "smtp-password");
  CHECK(credentials[1].value == "other");
}

TEST_CASE("setup: only this machine itself may go without TLS") {
  auto person = hasty_person();
  person.answers["imap_server"] = {"localhost:143"};
  person.answers["imap_tls"] = {"none"};
  person.answers["smtp_server"] = {"mail.example.com:25"};
  ScriptedServers servers;
  const auto answers = ask_for_setup(person, &servers, kSystem);
  CHECK_FALSE(answers.mailbox.server.tls_required);
  CHECK(answers.smtp.tls_required);
  CHECK(person.times_asked("smtp_tls") == 0);
}

TEST_CASE("setup: servers as people write them") {
  struct Case {
    const char* text;
    const char* imap;
    const char* smtp;
  };
  const Case cases[] = {
      {"mail.example.com", "imaps://mail.example.com", "smtp://mail.example.com:587"},
      {"mail.example.com:993", "imaps://mail.example.com:993", "smtps://mail.example.com:993"},
      {"mail.example.com:143", "imap://mail.example.com:143", "smtps://mail.example.com:143"},
      {"mail.example.com:465", "imaps://mail.example.com:465", "smtps://mail.example.com:465"},
      {"mail.example.com:25", "imaps://mail.example.com:25", "smtp://mail.example.com:25"},
      {"mail.example.com:2525", "imaps://mail.example.com:2525", "smtp://mail.example.com:2525"},
      {"[::1]", "imaps://[::1]", "smtp://[::1]:587"},
      {"[::1]:143", "imap://[::1]:143", "smtps://[::1]:143"},
      {"imap://x.example", "imap://x.example", "imap://x.example"},
  };
  for (const auto& c : cases) {
    INFO(c.text);
    CHECK(imap_url(c.text) == c.imap);
    CHECK(smtp_url(c.text) == c.smtp);
  }
}

TEST_CASE("setup: a port that leaves open how TLS begins has another URL") {
  struct Case {
    const char* text;
    const char* imap;
    const char* smtp;
  };
  const Case cases[] = {
      {"mail.example.com", "", ""},
      {"mail.example.com:993", "", "smtp://mail.example.com:993"},
      {"mail.example.com:143", "", "smtp://mail.example.com:143"},
      {"mail.example.com:587", "imap://mail.example.com:587", ""},
      {"mail.example.com:465", "imap://mail.example.com:465", ""},
      {"mail.example.com:1993", "imap://mail.example.com:1993", "smtp://mail.example.com:1993"},
      {"[::1]:1993", "imap://[::1]:1993", "smtp://[::1]:1993"},
      {"imaps://mail.example.com:1993", "", ""},
  };
  for (const auto& c : cases) {
    INFO(c.text);
    CHECK(other_imap_url(c.text) == c.imap);
    CHECK(other_smtp_url(c.text) == c.smtp);
  }
}

TEST_CASE("setup: known providers are known without asking anybody") {
  CHECK(guess_provider("GMail.com") == "google");
  CHECK(guess_provider("outlook.com") == "microsoft365");
  CHECK(guess_provider("mail.com") == "own");  // the end of gmail.com
  CHECK(guess_servers("gmx.de").imap == "imaps://imap.gmx.net");
  CHECK(guess_servers("gmx.de").is_known);
  CHECK_FALSE(guess_servers("acme.example").is_known);
}

}  // namespace
}  // namespace ticketd
