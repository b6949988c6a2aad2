// LD_PRELOAD for the drills: numbers every call that changes a file below a folder or says something to a server, and
// there kills the process, or lets a call fail as a broken or full disk would. All of it comes from the environment:
//   FAULTS_FOLDER=DIR              files below it count
//   FAULTS_PORTS=143=IMAP,25=SMTP  connections to these ports of 127.0.0.1 count
//   FAULTS_LOG=FILE                gets a line per call: number, verb, target, octets, how the octets begin
//   FAULTS_KILL=NUMBER:WHEN        SIGKILL at that call; WHEN is before, after or torn (after half of its octets)
//   FAULTS_FULL=FILE               while that file exists, what would need room below the folder fails with ENOSPC
//   FAULTS_EIO=NUMBER              so many syncs of files go well, counted by themselves; the next one fails with EIO
//                                  (SQLite looks past what the sync of a folder says)
//   FAULTS_SYNCED=DIR              a file that was synced is copied there as it is then: all that a power cut leaves of
//   it FAULTS_LIES=1                  syncs of files do nothing and say that they did
#include <dlfcn.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace {

constexpr std::string_view kFolder = "folder";

std::string setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

struct Plan {
  std::string folder = setting("FAULTS_FOLDER"), ports = setting("FAULTS_PORTS"), full = setting("FAULTS_FULL");
  std::string kill = setting("FAULTS_KILL");
  long kill_at = std::atol(kill.c_str());
  std::string when = kill.find(':') == std::string::npos ? "" : kill.substr(kill.find(':') + 1);
  std::string eio = setting("FAULTS_EIO"), synced = setting("FAULTS_SYNCED");
  bool lies = !setting("FAULTS_LIES").empty();
  long eio_after = eio.empty() ? -1 : std::atol(eio.c_str());
  int log = setting("FAULTS_LOG").empty()
                ? -1
                : static_cast<int>(::syscall(SYS_openat, AT_FDCWD, setting("FAULTS_LOG").c_str(),
                                             O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  std::atomic<long> calls{0}, syncs{0};
};

Plan& plan() {
  static Plan* const the_plan = new Plan;  // lives as long as any call may come
  return *the_plan;
}

[[noreturn]] void die() {
  ::syscall(SYS_kill, ::getpid(), SIGKILL);
  for (;;) ::pause();
}

/// What a call acts on; without a name it does not count.
struct Target {
  std::string name;
  bool is_server = false;
};

/// "IMAP" for a connection to its port.
Target server_of(int fd) {
  sockaddr_in peer{};
  socklen_t size = sizeof peer;
  if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0 || peer.sin_family != AF_INET) return {};
  const std::string key = "," + std::to_string(ntohs(peer.sin_port)) + "=";
  const std::string ports = "," + plan().ports + ",";
  const auto at = ports.find(key);
  if (at == std::string::npos) return {};
  const auto begin = at + key.size();
  return {ports.substr(begin, ports.find(',', begin) - begin), true};
}

Target file_at(std::string_view path) {
  const auto& folder = plan().folder;
  if (folder.empty() || path.substr(0, folder.size()) != folder) return {};
  return {std::string(path.substr(path.rfind('/') + 1))};
}

Target target_of(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return {};
  if (S_ISSOCK(status.st_mode)) return server_of(fd);
  if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) return {};
  char path[4096];
  const auto length = ::readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), path, sizeof path);
  if (length <= 0) return {};
  const std::string_view name(path, static_cast<std::size_t>(length));
  return S_ISDIR(status.st_mode) && std::string(name) + "/" == plan().folder ? Target{std::string(kFolder)}
                                                                             : file_at(name);
}

std::string beginning(const void* data, std::size_t size) {
  std::string text;
  for (const char c : std::string_view(static_cast<const char*>(data), std::min<std::size_t>(size, 40))) {
    if (c < ' ' || c > '~') break;
    text += c;
  }
  return text;
}

enum class Kind { sync, grows, other };

/// One call: counted when it is made, and made to fail or to be the last one where the plan says so.
class Call {
 public:
  Call(const char* verb, const Target& target, Kind kind, std::size_t size = 0, const void* data = nullptr) {
    if (target.name.empty()) return;
    auto& the = plan();
    const long number = ++the.calls;
    note(number, verb, target.name, size, target.is_server && data != nullptr ? beginning(data, size) : std::string());
    dies_ = number == the.kill_at;
    if (dies_ && the.when == "before") die();
    torn_ = dies_ && the.when == "torn";
    if (kind == Kind::sync && target.name != kFolder && the.syncs++ == the.eio_after) error_ = EIO;
    if (kind == Kind::grows && !target.is_server && !the.full.empty() &&
        ::syscall(SYS_faccessat, AT_FDCWD, the.full.c_str(), F_OK) == 0)
      error_ = ENOSPC;
  }

  [[nodiscard]] bool fails() const {
    if (error_ != 0) errno = error_;
    return error_ != 0;
  }
  [[nodiscard]] std::size_t part(std::size_t size) const { return torn_ ? size / 2 : size; }

  template <class Result>
  Result done(Result result) const {
    if (dies_) die();
    return result;
  }

 private:
  static void note(long number, const char* verb, const std::string& target, std::size_t size,
                   const std::string& begins) {
    if (plan().log < 0) return;
    const std::string line =
        std::to_string(number) + " " + verb + " " + target + " " + std::to_string(size) + " " + begins + "\n";
    static_cast<void>(::syscall(SYS_write, plan().log, line.data(), line.size()));
  }

  bool dies_ = false, torn_ = false;
  int error_ = 0;
};

template <class Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

std::size_t size_of(const iovec* parts, std::size_t count) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < count; ++i) size += parts[i].iov_len;
  return size;
}

const void* first_of(const iovec* parts, std::size_t count) { return count == 0 ? nullptr : parts[0].iov_base; }

bool is_new(int folder, const char* path, int flags) {
  return (flags & O_CREAT) != 0 && ::syscall(SYS_faccessat, folder, path, F_OK) != 0;
}

int open_counted(const char* name, const char* path, int flags, mode_t mode) {
  using Open = int (*)(const char*, int, ...);
  const Call call("create", is_new(AT_FDCWD, path, flags) ? file_at(path) : Target(), Kind::other);
  return call.done(real<Open>(name)(path, flags, mode));
}

/// The file of `fd` goes to FAULTS_SYNCED whole, or not at all when the process dies meanwhile.
void keep_synced(int fd, const std::string& name) {
  const std::string kept = plan().synced + "/" + name, draft = kept + ".draft";
  const auto to =
      static_cast<int>(::syscall(SYS_openat, AT_FDCWD, draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  off_t at = 0;
  ssize_t copied = 1;
  // By the descriptor that is there: SQLite's locks would go with another one that is closed (fcntl(2)).
  while (to >= 0 && copied > 0) copied = ::sendfile(to, fd, &at, std::size_t{1} << 20);
  if (to < 0 || copied < 0) std::abort();  // a drill that forgets proves nothing
  ::syscall(SYS_close, to);
  ::syscall(SYS_renameat, AT_FDCWD, draft.c_str(), AT_FDCWD, kept.c_str());
}

int sync_file(const char* verb, int fd, int (*next)(int)) {
  const Target target = target_of(fd);
  const Call call(verb, target, Kind::sync);
  if (call.fails()) return -1;
  const bool is_file = !target.name.empty() && target.name != kFolder;
  if (is_file && plan().lies) return call.done(0);
  const int result = next(fd);
  if (is_file && result == 0 && !plan().synced.empty()) keep_synced(fd, target.name);
  return call.done(result);
}

mode_t mode_of(int flags, va_list arguments) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? static_cast<mode_t>(va_arg(arguments, unsigned)) : 0;
}

}  // namespace

extern "C" {

ssize_t write(int fd, const void* data, std::size_t size) {
  static const auto next = real<decltype(&write)>("write");
  const Call call("write", target_of(fd), Kind::grows, size, data);
  return call.fails() ? -1 : call.done(next(fd, data, call.part(size)));
}

ssize_t writev(int fd, const iovec* parts, int count) {
  static const auto next = real<decltype(&writev)>("writev");
  const auto n = static_cast<std::size_t>(count);
  const Call call("writev", target_of(fd), Kind::grows, size_of(parts, n), first_of(parts, n));
  return call.fails() ? -1 : call.done(next(fd, parts, count));
}

ssize_t pwrite(int fd, const void* data, std::size_t size, off_t at) {
  static const auto next = real<decltype(&pwrite)>("pwrite");
  const Call call("pwrite", target_of(fd), Kind::grows, size, data);
  return call.fails() ? -1 : call.done(next(fd, data, call.part(size), at));
}

ssize_t pwrite64(int fd, const void* data, std::size_t size, off64_t at) {
  static const auto next = real<decltype(&pwrite64)>("pwrite64");
  const Call call("pwrite", target_of(fd), Kind::grows, size, data);
  return call.fails() ? -1 : call.done(next(fd, data, call.part(size), at));
}

ssize_t pwritev(int fd, const iovec* parts, int count, off_t at) {
  static const auto next = real<decltype(&pwritev)>("pwritev");
  const auto n = static_cast<std::size_t>(count);
  const Call call("pwritev", target_of(fd), Kind::grows, size_of(parts, n), first_of(parts, n));
  return call.fails() ? -1 : call.done(next(fd, parts, count, at));
}

ssize_t send(int fd, const void* data, std::size_t size, int flags) {
  static const auto next = real<decltype(&send)>("send");
  const Call call("send", target_of(fd), Kind::grows, size, data);
  return call.fails() ? -1 : call.done(next(fd, data, call.part(size), flags));
}

ssize_t sendto(int fd, const void* data, std::size_t size, int flags, const sockaddr* to, socklen_t length) {
  static const auto next = real<decltype(&sendto)>("sendto");
  const Call call("sendto", target_of(fd), Kind::grows, size, data);
  return call.fails() ? -1 : call.done(next(fd, data, call.part(size), flags, to, length));
}

ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  static const auto next = real<decltype(&sendmsg)>("sendmsg");
  const auto* parts = message->msg_iov;
  const Call call("sendmsg", target_of(fd), Kind::grows, size_of(parts, message->msg_iovlen),
                  first_of(parts, message->msg_iovlen));
  return call.fails() ? -1 : call.done(next(fd, message, flags));
}

int fsync(int fd) {
  static const auto next = real<decltype(&fsync)>("fsync");
  return sync_file("fsync", fd, next);
}

int fdatasync(int fd) {
  static const auto next = real<decltype(&fdatasync)>("fdatasync");
  return sync_file("fdatasync", fd, next);
}

int ftruncate(int fd, off_t size) noexcept {
  static const auto next = real<int (*)(int, off_t)>("ftruncate");
  const Call call("ftruncate", target_of(fd), Kind::other);
  return call.done(next(fd, size));
}

int ftruncate64(int fd, off64_t size) noexcept {
  static const auto next = real<int (*)(int, off64_t)>("ftruncate64");
  const Call call("ftruncate", target_of(fd), Kind::other);
  return call.done(next(fd, size));
}

int unlink(const char* path) noexcept {
  static const auto next = real<int (*)(const char*)>("unlink");
  const Target target = file_at(path);
  const Call call("unlink", target, Kind::other);
  const int result = next(path);
  if (result == 0 && !target.name.empty() && !plan().synced.empty())
    ::syscall(SYS_unlinkat, AT_FDCWD, (plan().synced + "/" + target.name).c_str(), 0);
  return call.done(result);
}

int rename(const char* from, const char* to) noexcept {
  static const auto next = real<int (*)(const char*, const char*)>("rename");
  const Call call("rename", file_at(to), Kind::other);
  return call.done(next(from, to));
}

int renameat2(int old_folder, const char* from, int new_folder, const char* to, unsigned flags) noexcept {
  static const auto next = real<int (*)(int, const char*, int, const char*, unsigned)>("renameat2");
  const Call call("rename", file_at(to), Kind::other);
  return call.done(next(old_folder, from, new_folder, to, flags));
}

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_counted("open", path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_counted("open64", path, flags, mode);
}

}  // extern "C"
