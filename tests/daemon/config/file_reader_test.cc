#include "daemon/config/file_reader.h"

#include <sys/stat.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include "parsers/printable.h"
#include "tests/daemon/config/scratch_folder.h"

namespace ticketd {
namespace {

constexpr uid_t kNobody = 65534;
constexpr gid_t kGroup = 64998;

struct Files {
  ScratchFolder folder;
  Files() { ::chmod(folder.path().c_str(), 0755); }
  [[nodiscard]] std::string write(const std::string& name, const std::string& text, mode_t mode) const {
    folder.write(name, text);
    const auto path = folder.path() / name;
    ::chmod(path.c_str(), mode);
    return path.string();
  }
};

bool may_be_another() { return ::geteuid() == 0; }

TEST_CASE("a file of the configuration is one that the daemon can read") {
  if (!may_be_another()) {
    WARN("skipped: only root can look as another user");
    return;
  }
  const Files files;
  const FileReader other{false, kNobody, {kNobody}, false};
  struct Case {
    const char* what;
    mode_t mode;
    FileReader reader;
    bool can;
  };
  const Case cases[] = {
      {"for all", 0644, other, true},
      {"for its owner alone", 0600, other, false},
      {"for its group, of which the daemon is", 0640, {false, kNobody, {kGroup}, false}, true},
      {"for its group, of which the daemon is as well", 0640, {false, kNobody, {kNobody, kGroup}, false}, true},
      {"for its group, of which it is not", 0640, other, false},
      {"for all but its group", 0604, {false, kNobody, {kNobody, kGroup}, false}, false},
      {"whoever calls sees for himself", 0600, {}, true},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    const auto file = files.write("ca.pem", "x", c.mode);
    REQUIRE(::chown(file.c_str(), 0, kGroup) == 0);
    ::chmod(file.c_str(), c.mode);
    CHECK(hindrance_to(c.reader, file).empty() == c.can);
  }
  const auto shut = files.write("closed/ca.pem", "x", 0644);
  ::chmod((files.folder.path() / "closed").c_str(), 0700);
  CHECK(hindrance_to(other, shut).find("closed has the mode 0700") != std::string::npos);
  CHECK(hindrance_to(other, files.folder.path() / "nowhere.pem").empty());
}

TEST_CASE("a file that the daemon can't read: what to do fits, and opens no key") {
  if (!may_be_another()) {
    WARN("skipped: only root can look as another user");
    return;
  }
  const Files files;
  const FileReader other{false, kNobody, {kNobody}, false};
  const auto open = files.write("setup_test_ca.pem", "x", 0600);
  const auto key = files.write("setup_test_both.pem", "x\n-----BEGIN RSA PRIVATE KEY-----\n", 0600);
  const auto why = hindrance_to(other, open);
  CHECK(why.find("has the mode 0600; do `install -m 644 " + shell_word(open) +
                 " /etc/ticketd/` and name /etc/ticketd/setup_test_ca.pem") != std::string::npos);
  for (const auto& closed : {hindrance_to(other, open, FileFor::daemon_alone), hindrance_to(other, key)})
    CHECK(closed.find("install -o ticketd -g ticketd -m 400 ") != std::string::npos);
}

TEST_CASE("a file of the configuration does not lie where the unit shows nothing") {
  const FileReader daemon{false, 0, {0}, true};  // by its rights alone it could read all of them
  struct Case {
    const char* file;
    const char* why;
  };
  const Case cases[] = {
      {"/dev/null", "nothing below /dev, unless a drop-in"},
      {"/etc/../dev/null", "nothing below /dev"},
      {"/var/log", "nothing below /var"},
      {"/etc/hostname", ""},
      {"/var/lib/nowhere", ""},
  };
  for (const auto& c : cases) {
    INFO(c.file);
    const auto why = likely_hindrance_to(daemon, c.file);
    CHECK(why.find(c.why) != std::string::npos);
    CHECK(why.empty() == std::string_view(c.why).empty());
    CHECK(hindrance_to(daemon, c.file).empty());
  }
}

TEST_CASE("a link counts with its own place, and with that of the file") {
  const ScratchFolder folder;
  if (!folder.path().string().starts_with("/tmp/")) {
    WARN("skipped: the folder for temporary files is none that the unit hides");
    return;
  }
  const FileReader daemon{false, 0, {0}, true};
  const auto link = folder.path() / "ca.pem";
  std::filesystem::create_symlink("/etc/hostname", link);
  CHECK(likely_hindrance_to(daemon, link.string()).find("nothing below /tmp") != std::string::npos);
}

}  // namespace
}  // namespace ticketd
