#include "daemon/ctl/setup/file_reader.h"

#include <sys/stat.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include "parsers/printable.h"
#include "tests/daemon/config/scratch_folder.h"

namespace ticketd {
namespace {

constexpr uid_t kNobody = 65534;

TEST_CASE("a file of the configuration is one that the daemon can read") {
  const ScratchFolder folder;
  folder.write("ca.pem", "x");
  folder.write("closed/ca.pem", "x");
  const auto open = (folder.path() / "ca.pem").string(), shut = (folder.path() / "closed" / "ca.pem").string();
  ::chmod(folder.path().c_str(), 0755);
  ::chmod((folder.path() / "closed").c_str(), 0700);
  const FileReader other{false, kNobody, kNobody, false};
  struct Case {
    const char* what;
    mode_t mode;
    FileReader reader;
    bool can;
  };
  const Case cases[] = {
      {"for all", 0644, other, true},
      {"for its owner alone", 0600, other, false},
      {"for its group, of which the daemon is", 0640, {false, kNobody, ::getegid(), false}, true},
      {"for its group, of which it is not", 0640, other, false},
      {"whoever calls sees for himself", 0600, {}, true},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    ::chmod(open.c_str(), c.mode);
    CHECK(hindrance_to(c.reader, open).empty() == c.can);
  }
  ::chmod(open.c_str(), 0600);
  const auto why = hindrance_to(other, open);
  CHECK(why.find("has the mode 0600") != std::string::npos);
  CHECK(why.find("install -m 644 " + shell_word(open) + " /etc/ticketd/` and name /etc/ticketd/ca.pem") !=
        std::string::npos);
  CHECK(hindrance_to(other, open, FileFor::daemon_alone).find("install -o ticketd -g ticketd -m 400 ") !=
        std::string::npos);
  CHECK(hindrance_to(other, shut).find("closed has the mode 0700") != std::string::npos);
}

TEST_CASE("a file of the configuration does not lie where the unit shows nothing") {
  const FileReader daemon{false, 0, 0, true};  // by its rights alone it could read all of them
  struct Case {
    const char* file;
    const char* why;
  };
  const Case cases[] = {
      {"/root/ca.pem", "nothing below /root"},
      {"/home/ann/ca.pem", "nothing below /home"},
      {"/srv/../home/ann/ca.pem", "nothing below"},
      {"/tmp/ca.pem", "nothing below /tmp"},
      {"/var/lib/other/ca.pem", "nothing below /var"},
      {"/etc/hostname", ""},
      {"/homework", "/homework"},
  };
  for (const auto& c : cases) {
    INFO(c.file);
    const auto why = hindrance_to(daemon, c.file);
    CHECK(why.find(c.why) != std::string::npos);
    CHECK(why.empty() == std::string_view(c.why).empty());
  }
}

TEST_CASE("a link counts with its own place, and with that of the file") {
  const ScratchFolder folder;
  if (!folder.path().string().starts_with("/tmp/")) return;
  const FileReader daemon{false, 0, 0, true};
  const auto link = folder.path() / "ca.pem";
  std::filesystem::create_symlink("/etc/hostname", link);
  CHECK(hindrance_to(daemon, link.string()).find("nothing below /tmp") != std::string::npos);
}

}  // namespace
}  // namespace ticketd
