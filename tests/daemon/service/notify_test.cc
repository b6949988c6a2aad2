#include "daemon/service/notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>

#include "tests/daemon/config/scratch_folder.h"

namespace ticketd::service {
namespace {

/// systemd's end of the notification socket.
class Listener {
 public:
  Listener() : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    const std::string path = (folder_.path() / "notify").string();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  }
  ~Listener() {
    ::unsetenv("NOTIFY_SOCKET");
    ::close(fd_);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  [[nodiscard]] std::string next() const {
    char buffer[1000];
    const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
    return got < 0 ? "nothing" : std::string(buffer, static_cast<std::size_t>(got));
  }

 private:
  ScratchFolder folder_;
  int fd_;
};

}  // namespace

TEST_CASE("what systemd is told", "[service]") {
  const Listener systemd;
  notify_ready();
  CHECK(systemd.next() == "READY=1\nSTATUS=ready");
  notify_status("3 mailboxes\nREADY=1");
  CHECK(systemd.next() == "STATUS=3 mailboxes\uFFFDREADY=1");
  notify_stopping();
  CHECK(systemd.next() == "STOPPING=1\nSTATUS=stopping");
  notify_watchdog();
  CHECK(systemd.next() == "WATCHDOG=1");
  notify_reloading();
  CHECK_THAT(systemd.next(), Catch::Matches("RELOADING=1\nMONOTONIC_USEC=[0-9]+\nSTATUS=reloading"));
  CHECK(systemd.next() == "nothing");
}

TEST_CASE("without systemd nothing happens", "[service]") {
  ::unsetenv("NOTIFY_SOCKET");
  notify_ready("ready");
  notify_watchdog();
  CHECK_FALSE(watchdog_interval());
}

TEST_CASE("the watchdog's interval", "[service]") {
  ::setenv("WATCHDOG_USEC", "2000000", 1);
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  CHECK(watchdog_interval() == std::chrono::microseconds(2'000'000));
  ::setenv("WATCHDOG_PID", "1", 1);
  CHECK_FALSE(watchdog_interval());
  ::unsetenv("WATCHDOG_USEC");
  ::unsetenv("WATCHDOG_PID");
}

}  // namespace ticketd::service
