#include "daemon/config/file_reader.h"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>

#include "daemon/service/booted.h"
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

/// The folders above a file, from the root, and the file.
std::vector<std::string> way_to(const std::filesystem::path& file) {
  std::vector<std::string> way;
  std::filesystem::path at;
  for (const auto& part : file) way.push_back((at /= part).string());
  return way;
}

bool is_this_process(const FileReader& reader) { return ::geteuid() == reader.user; }

bool becomes(const FileReader& reader) {
  return ::setgroups(reader.groups.size(), reader.groups.data()) == 0 && ::setgid(reader.groups.front()) == 0 &&
         ::setuid(reader.user) == 0;
}

/// Ends this process with the number of the first place that the reader may not pass, or read, counted from 1.
[[noreturn]] void walk_as(const FileReader& reader, const std::vector<std::string>& way) {
  constexpr std::size_t kMost = 255;  // of what a process can say
  if (!is_this_process(reader) && !becomes(reader)) ::_exit(0);
  for (std::size_t i = 0; i < way.size() && i < kMost; ++i)
    if (::access(way[i].c_str(), i + 1 == way.size() ? R_OK : X_OK) != 0) ::_exit(static_cast<int>(i + 1));
  ::_exit(0);
}

/// Where the way to the file ends for that reader, as the kernel sees it; empty: it leads there.
std::string closed_place(const FileReader& reader, const std::filesystem::path& file) {
  if (::geteuid() != 0 && !is_this_process(reader)) return {};
  const auto way = way_to(file);
  const pid_t child = ::fork();
  if (child == 0) walk_as(reader, way);
  int status = 0;
  while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  const auto number = child > 0 && WIFEXITED(status) ? static_cast<std::size_t>(WEXITSTATUS(status)) : 0;
  return number == 0 ? std::string() : way[number - 1];
}

/// What can't be looked at may be one.
bool holds_private_key(const std::string& file) {
  constexpr std::size_t kLargest = 1 << 20;
  std::ifstream in(file, std::ios::binary);
  std::string text(kLargest, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text.empty() || text.find("PRIVATE KEY-----") != std::string::npos;
}

/// How to let the daemon read it. `closed`: the place that keeps it from that.
std::string advice_for(const std::string& file, const std::string& closed, FileFor whom, std::string_view where = {}) {
  const std::filesystem::path path(file), folder("/etc/ticketd");
  const bool is_open = whom == FileFor::everybody && !holds_private_key(file);
  const auto word = shell_word(file);
  const auto doing = fmt::format("; {}{}do", where, where.empty() ? "" : " ");
  if (path.parent_path() == folder) {
    if (closed != file) return {};
    return doing + (is_open ? fmt::format(" `chmod 644 {}`", word)
                            : fmt::format(" `chown ticketd: {0} && chmod 400 {0}`", word));
  }
  const auto copy = folder / path.filename();
  std::error_code error;
  if (std::filesystem::exists(copy, error))
    return fmt::format("; it needs one in {}, where there is another {} already", folder.string(),
                       printable_line(path.filename().string()));
  return fmt::format("{} `install {} {} {}/` and name {}", doing, is_open ? "-m 644" : "-o ticketd -g ticketd -m 400",
                     word, folder.string(), printable_line(copy.string()));
}

std::vector<gid_t> groups_of(const passwd& user) {
  constexpr int kUsual = 64;
  int count = kUsual;
  std::vector<gid_t> groups(static_cast<std::size_t>(count));
  if (::getgrouplist(user.pw_name, user.pw_gid, groups.data(), &count) < 0) {
    groups.resize(static_cast<std::size_t>(count));
    ::getgrouplist(user.pw_name, user.pw_gid, groups.data(), &count);
  }
  groups.resize(static_cast<std::size_t>(count));
  return groups;
}

}  // namespace

FileReader system_daemon() {
  const passwd* user = ::getpwnam("ticketd");
  if (user == nullptr) return {};
  return {false, user->pw_uid, groups_of(*user), has_systemd()};
}

FileReader reader_of(const std::string& config_file) {
  std::error_code error;
  const bool is_system = std::filesystem::absolute(config_file, error).lexically_normal() == kSystemConfiguration;
  return is_system ? system_daemon() : FileReader{};
}

std::string hindrance_to(const FileReader& reader, const std::string& file, FileFor whom, std::string_view where) {
  std::error_code error;
  const auto real = std::filesystem::canonical(file, error);
  if (reader.is_caller || error) return {};
  auto closed = closed_place(reader, real);
  if (closed.empty()) closed = closed_place(reader, file);
  struct stat status {};
  if (closed.empty() || ::stat(closed.c_str(), &status) != 0) return {};
  return fmt::format("the daemon, which runs as the user ticketd, can't read it: {} has the mode {:04o}{}",
                     printable_line(closed), status.st_mode & 07777, advice_for(file, closed, whom, where));
}

std::string likely_hindrance_to(const FileReader& reader, const std::string& file, FileFor whom) {
  std::error_code error;
  const auto real = std::filesystem::canonical(file, error);
  if (!reader.is_shut_in || error) return {};
  auto hidden = hidden_folder_of(std::filesystem::path(file).lexically_normal().string());
  if (hidden.empty()) hidden = hidden_folder_of(real.string());
  if (hidden.empty()) return {};
  return fmt::format("the daemon sees nothing below {}, unless a drop-in of its unit shows it{}", hidden,
                     advice_for(file, "", whom));
}

}  // namespace ticketd
