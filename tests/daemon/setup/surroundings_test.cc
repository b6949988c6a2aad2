#include "daemon/ctl/setup/surroundings.h"

#include <sys/stat.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include "daemon/config/named_files.h"
#include "daemon/ctl/session.h"
#include "tests/daemon/config/scratch_folder.h"
#include "tests/daemon/setup/scripted_interview.h"

namespace ticketd {
namespace {

TEST_CASE("setup: nobody is told to open a file that may hold a key") {
  if (::geteuid() != 0) {
    WARN("skipped: only root can look as another user");
    return;
  }
  const ScratchFolder folder;
  ::chmod(folder.path().c_str(), 0755);
  folder.write("setup_test.pem", "x");
  ::chmod((folder.path() / "setup_test.pem").c_str(), 0600);
  struct Case {
    const char* what;
    const char* authority;
    const char* certificate;
    const char* key;
    bool may_be_open;
  };
  constexpr auto kFile = "setup_test.pem";
  const Case cases[] = {
      {"an authority", kFile, "", "", true},
      {"a certificate with a key elsewhere", "", kFile, "key.pem", true},
      {"a certificate that may be with its key", "", kFile, "", false},
      {"a key", "", "", kFile, false},
      {"all in one", kFile, kFile, kFile, false},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    Settings settings;
    auto& server = settings.mailboxes.emplace_back().server;
    server.ca_file = c.authority;
    server.client_certificate_file = c.certificate;
    server.client_key_file = c.key;
    ScriptedInterview person;
    tell_unreadable_files(person, settings, folder.path(), {false, 65534, {65534}, false});
    CHECK(unreadable_files(settings, folder.path(), {false, 65534, {65534}, false}) ==
          std::vector{person.told.substr(0, person.told.size() - 1)});
    CHECK(person.told.starts_with("warning: " + (folder.path() / kFile).string()));
    CHECK((person.told.find("install -m 644") != std::string::npos) == c.may_be_open);
    CHECK((person.told.find("install -o ticketd -g ticketd -m 400") != std::string::npos) != c.may_be_open);
  }
}

TEST_CASE("setup: nothing in conf.d may stand over what it asks for") {
  struct Case {
    const char* text;
    const char* place;  // empty: it may stand there
  };
  const Case cases[] = {
      {"[smtp]\nretry_first = \"2m\"\nurl = \"smtp://y.example\"\n", ":3:7: smtp.url: it would stand over"},
      {"[smtp.oauth2]\nclient_id = \"x\"\n", ": smtp.oauth2: it would stand over"},
      {"[support]\nadmins = []\n", ":2:10: support.admins: "},
      {"[store]\npath = \"/x\"\n", ":2:8: store.path: "},
      {"mailbox = []\n", ":1:11: mailbox: "},
      {"[support]\nphone = \"1\"\n[store]\n[[staff]]\nname = \"Eve\"\n[[mailbox]]\nurl = \"imaps://x.example\"\n"
       "[[smtp.fallback]]\nurl = \"smtp://y.example\"\n",
       ""},
  };
  for (const auto& c : cases) {
    INFO(c.text);
    const ScratchFolder folder;
    folder.write("conf.d/10.toml", c.text);
    std::string failure;
    try {
      require_nothing_over((folder.path() / "ticketd.toml").string(), true);
    } catch (const CommandFailure& refused) {
      CHECK(refused.code() == kExitConfig);
      failure = refused.what();
      CHECK(failure.find("conf.d/10.toml:") != std::string::npos);
    }
    CHECK(failure.find(c.place) != std::string::npos);
    if (std::string_view(c.text).starts_with("[store]"))  // the system's place is not asked for
      CHECK_NOTHROW(require_nothing_over((folder.path() / "ticketd.toml").string(), false));
    CHECK(failure.empty() == std::string_view(c.place).empty());
  }
}

}  // namespace
}  // namespace ticketd
