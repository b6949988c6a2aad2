#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "daemon/config/settings.h"
#include "tests/daemon/config/scratch_folder.h"

namespace ticketd {
namespace {

std::string secret_of(std::string_view content, mode_t mode) {
  const ScratchFolder folder;
  folder.write("secret", content);
  ::chmod((folder.path() / "secret").c_str(), mode);
  return read_secret((folder.path() / "secret").string());
}

/// What is told of a configuration whose password stands in that file.
std::string told_of(const std::filesystem::path& password_file, SecretFiles secrets = SecretFiles::checked) {
  const ScratchFolder folder;
  folder.write("ticketd.toml",
               "[support]\naddress = \"support@example.com\"\n[[mailbox]]\nname = \"support\"\n"
               "url = \"imaps://imap.example.com\"\nuser = \"support@example.com\"\n"
               "password_file = \"" +
                   password_file.string() +
                   "\"\n"
                   "[smtp]\nurl = \"smtp://mail.example.com\"\n");
  std::string text;
  for (const auto& problem : load_settings(folder.path() / "ticketd.toml", secrets).problems)
    text += to_string(problem).substr(folder.path().string().size() + 1) + "\n";
  return text;
}

}  // namespace

TEST_CASE("secrets from absolute paths", "[config]") {
  CHECK(secret_of("hunter2\n", 0600) == "hunter2");
  CHECK(secret_of("hunter2\r\n", 0400) == "hunter2");
  CHECK(secret_of("two\n\n", 0640) == "two\n");
  CHECK(secret_of(" spaces stay ", 0600) == " spaces stay ");
}

TEST_CASE("secrets that are refused", "[config]") {
  CHECK_THROWS_WITH(secret_of("x", 0644), Catch::Contains("others can get at it (mode 0644)"));
  CHECK_THROWS_WITH(secret_of("", 0600), Catch::Contains("empty"));
  CHECK_THROWS_WITH(secret_of("\n", 0600), Catch::Contains("empty"));
  CHECK_THROWS_WITH(secret_of(std::string(64 * 1024 + 1, 'x'), 0600), Catch::Contains("larger than 64 KB"));
  CHECK_THROWS_WITH(read_secret("/nonexistent/secret"), Catch::Contains("No such file"));
  CHECK_THROWS_WITH(read_secret("/tmp"), Catch::Contains("no file"));
}

TEST_CASE("what can be seen of a secret is told with the configuration", "[config]") {
  const ScratchFolder folder;
  folder.write("secret", "hunter2");
  const auto path = folder.path() / "secret";
  ::chmod(path.c_str(), 0644);
  CHECK(told_of(path) == "ticketd.toml:7:17: mailbox.password_file: " + path.string() +
                             ": others can get at it (mode 0644); chmod o= it\n");
  CHECK(told_of(path, SecretFiles::left_alone).empty());
  ::chmod(path.c_str(), 0600);
  CHECK(told_of(path).empty());
  CHECK(told_of(folder.path() / "none") == "ticketd.toml:7:17: warning: mailbox.password_file: " +
                                               (folder.path() / "none").string() + ": No such file or directory\n");
}

TEST_CASE("named secrets come from systemd's credentials, whoever may read them", "[config]") {
  const ScratchFolder folder;
  folder.write("imap-password", "from systemd");
  ::chmod((folder.path() / "imap-password").c_str(), 0444);
  ::setenv("CREDENTIALS_DIRECTORY", folder.path().c_str(), 1);
  CHECK(read_secret("imap-password") == "from systemd");
  CHECK_THROWS_WITH(read_secret("ticketd-test-none"), Catch::Contains("/etc/ticketd/credentials/ticketd-test-none"));
  ::unsetenv("CREDENTIALS_DIRECTORY");
}

TEST_CASE("of a folder that systemd hands over, the files bear its credential's name too; one of its own wins",
          "[config]") {
  const ScratchFolder folder;
  folder.write("ticketd_imap-password", "of the folder");
  ::setenv("CREDENTIALS_DIRECTORY", folder.path().c_str(), 1);
  CHECK(read_secret("imap-password") == "of the folder");
  CHECK_FALSE(find_secret_problem("imap-password"));
  folder.write("imap-password", "its own");
  CHECK(read_secret("imap-password") == "its own");
  ::unsetenv("CREDENTIALS_DIRECTORY");
}

}  // namespace ticketd
