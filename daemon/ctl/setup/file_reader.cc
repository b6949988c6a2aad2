#include "daemon/ctl/setup/file_reader.h"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>

#include <filesystem>
#include <string_view>

#include "daemon/ctl/setup/machine.h"
#include "parsers/printable.h"

namespace ticketd {
namespace {

/// What ticketd.service hides (ProtectHome=, PrivateTmp=, PrivateDevices=, InaccessiblePaths=, TemporaryFileSystem=).
constexpr std::string_view kHidden[] = {"/root", "/home",  "/run/user", "/tmp", "/var", "/dev",
                                        "/boot", "/media", "/mnt",      "/srv", "/opt"};
/// And what it shows all the same (StateDirectory=, CacheDirectory=).
constexpr std::string_view kShown[] = {"/var/lib/ticketd", "/var/cache/ticketd"};

bool is_below(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

std::string_view hidden_folder_of(std::string_view path) {
  for (const auto folder : kShown)
    if (is_below(path, folder)) return {};
  for (const auto folder : kHidden)
    if (is_below(path, folder)) return folder;
  return {};
}

/// `wanted`: bits of one digit of a mode.
bool may(const FileReader& reader, const struct stat& status, mode_t wanted) {
  constexpr int kOwner = 6, kGroup = 3;
  const int shift = status.st_uid == reader.user ? kOwner : status.st_gid == reader.group ? kGroup : 0;
  return ((status.st_mode >> shift) & wanted) == wanted;
}

/// Where the way to the file ends for that reader; empty: it leads there.
std::string closed_place(const FileReader& reader, const std::filesystem::path& file) {
  constexpr mode_t kRead = 4, kPass = 1;
  std::filesystem::path at;
  for (const auto& part : file) {
    at /= part;
    struct stat status {};
    if (::stat(at.c_str(), &status) != 0) return fmt::format("there is no {}", printable_line(at.string()));
    if (!may(reader, status, S_ISDIR(status.st_mode) ? kPass : kRead))
      return fmt::format("{} has the mode {:04o}", printable_line(at.string()), status.st_mode & 07777);
  }
  return {};
}

/// On one of the ways to the file.
std::string obstacle(const FileReader& reader, const std::filesystem::path& file) {
  const auto hidden = reader.is_shut_in ? hidden_folder_of(file.lexically_normal().string()) : std::string_view();
  return hidden.empty() ? closed_place(reader, file) : fmt::format("it sees nothing below {}", hidden);
}

}  // namespace

FileReader system_daemon() {
  const passwd* user = ::getpwnam("ticketd");
  if (user == nullptr) return {};
  return {false, user->pw_uid, user->pw_gid, has_systemd()};
}

std::string hindrance_to(const FileReader& reader, const std::string& file, FileFor whom) {
  if (reader.is_caller) return {};
  auto why = obstacle(reader, file);
  std::error_code error;
  const auto real = std::filesystem::canonical(file, error);
  if (why.empty() && !error) why = obstacle(reader, real);
  if (why.empty()) return {};
  const auto* access = whom == FileFor::everybody ? "-m 644" : "-o ticketd -g ticketd -m 400";
  return fmt::format(
      "the daemon, which runs as the user ticketd, can't read it: {}; do `install {} {} /etc/ticketd/` "
      "and name /etc/ticketd/{}",
      why, access, shell_word(file), printable_line(std::filesystem::path(file).filename().string()));
}

}  // namespace ticketd
