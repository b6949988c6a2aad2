#include "daemon/ctl/setup/surroundings.h"

#include <sys/stat.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include "tests/daemon/config/scratch_folder.h"
#include "tests/daemon/setup/scripted_interview.h"

namespace ticketd {
namespace {

TEST_CASE("setup: nobody is told to open a file that may hold a key") {
  if (::geteuid() != 0) return;
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
    CHECK(person.told.starts_with("warning: " + (folder.path() / kFile).string()));
    CHECK((person.told.find("install -m 644") != std::string::npos) == c.may_be_open);
    CHECK((person.told.find("install -o ticketd -g ticketd -m 400") != std::string::npos) != c.may_be_open);
  }
}

}  // namespace
}  // namespace ticketd
