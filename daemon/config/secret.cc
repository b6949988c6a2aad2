#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <system_error>

#include <fmt/format.h>

#include "daemon/config/settings.h"

namespace ticketd {
namespace {

constexpr std::size_t kLargestSecret = 64 * 1024;
constexpr auto kCredentials = "/etc/ticketd/credentials";
// A folder that the unit hands over as a whole: systemd puts its credential's name before each file's
// (systemd.exec(5)).
constexpr std::string_view kFolderPrefix = "ticketd_";

struct SecretFile {
  std::filesystem::path path;
  bool from_systemd = false;  ///< it keeps others off by itself
};

class OpenFile {
 public:
  explicit OpenFile(const std::filesystem::path& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

[[noreturn]] void refuse(const SecretFile& file, std::string_view why) {
  throw std::runtime_error(fmt::format("secret {}: {}", file.path.string(), why));
}

/// What may be over soon is no mistake in the configuration: then std::system_error is thrown.
[[noreturn]] void refuse_by(const SecretFile& file, int error) {
  for (const int passing : {EIO, ESTALE, EMFILE, ENFILE, ENOMEM, ETIMEDOUT, EAGAIN})
    if (error == passing)
      throw std::system_error(error, std::generic_category(), fmt::format("secret {}", file.path.string()));
  refuse(file, std::strerror(error));
}

SecretFile find_secret(const std::string& setting) {
  if (setting.starts_with('/')) return {setting, false};
  if (const char* directory = std::getenv("CREDENTIALS_DIRECTORY")) {
    for (const auto& name : {setting, std::string(kFolderPrefix) + setting}) {
      std::filesystem::path path = std::filesystem::path(directory) / name;
      std::error_code error;
      if (std::filesystem::exists(path, error)) return {std::move(path), true};
    }
  }
  return {std::filesystem::path(kCredentials) / setting, false};
}

std::string obstacle(const SecretFile& file, const struct stat& status) {
  if (!S_ISREG(status.st_mode)) return "it is no file";
  if (!file.from_systemd && (status.st_mode & S_IRWXO) != 0)
    return fmt::format("others can get at it (mode {:04o}); chmod o= it", status.st_mode & 07777);
  return {};
}

void check_access(const SecretFile& file, int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) refuse_by(file, errno);
  if (const auto why = obstacle(file, status); !why.empty()) refuse(file, why);
}

std::string read_all(const SecretFile& file, int fd) {
  std::string secret(kLargestSecret + 1, '\0');
  std::size_t length = 0;
  while (length < secret.size()) {
    const ssize_t got = ::read(fd, secret.data() + length, secret.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) refuse_by(file, errno);
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  if (length > kLargestSecret) refuse(file, "it is larger than 64 KB");
  secret.resize(length);
  return secret;
}

/// Credentials that this process may not see say nothing about what the daemon has: systemd 252 keeps them from the
/// commands of ExecReload= in a unit that is shut in.
bool credentials_are_hidden(const std::string& setting) {
  const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
  return !setting.starts_with('/') && directory != nullptr && ::access(directory, X_OK) != 0 && errno == EACCES;
}

}  // namespace

std::optional<SecretProblem> find_secret_problem(const std::string& setting) {
  if (credentials_are_hidden(setting)) return std::nullopt;
  const SecretFile file = find_secret(setting);
  struct stat status {};
  if (::stat(file.path.c_str(), &status) != 0)
    return SecretProblem{fmt::format("{}: {}", file.path.string(), std::strerror(errno)), false};
  if (auto why = obstacle(file, status); !why.empty())
    return SecretProblem{fmt::format("{}: {}", file.path.string(), why), true};
  return std::nullopt;
}

std::string read_secret(const std::string& setting) {
  const SecretFile file = find_secret(setting);
  const OpenFile open(file.path);
  if (open.fd() < 0) refuse_by(file, errno);
  check_access(file, open.fd());
  std::string secret = read_all(file, open.fd());
  if (secret.ends_with('\n')) secret.pop_back();
  if (secret.ends_with('\r')) secret.pop_back();
  if (secret.empty()) refuse(file, "it is empty");
  return secret;
}

}  // namespace ticketd
