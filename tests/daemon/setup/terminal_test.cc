#include "daemon/ctl/setup/terminal.h"

#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>

namespace ticketd {
namespace {

struct End {
  std::string told;  ///< on standard error
  int signal = 0;
};

End end_of(const std::function<void()>& child_work) {
  int ends[2] = {-1, -1};
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], STDERR_FILENO);
    child_work();
    std::_Exit(0);
  }
  ::close(ends[1]);
  End end;
  for (char c = 0; ::read(ends[0], &c, 1) == 1;) end.told += c;
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  end.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  return end;
}

TEST_CASE("setup: who interrupts it hears that nothing was written") {
  const auto end = end_of([] {
    const InterruptNotice notice;
    ::raise(SIGINT);
  });
  CHECK(end.told == "\nNothing was written.\n");
  CHECK(end.signal == SIGINT);
}

TEST_CASE("setup: who interrupts it hears of a refresh token that is lost") {
  const auto end = end_of([] {
    InterruptNotice notice;
    notice.tell_of_lost_token();
    ::raise(SIGINT);
  });
  CHECK(end.told.starts_with("\nNothing was written.\nThe provider has replaced the refresh token"));
  CHECK(end.signal == SIGINT);
}

TEST_CASE("setup: a signal that is ignored stays so") {
  const auto end = end_of([] {
    ::signal(SIGHUP, SIG_IGN);
    {
      const InterruptNotice notice;
      ::raise(SIGHUP);
    }
    ::raise(SIGHUP);
  });
  CHECK(end.told.empty());
  CHECK(end.signal == 0);
}

TEST_CASE("setup: what is said is as wide as the terminal, now") {
  int person = -1, program = -1;
  REQUIRE(::openpty(&person, &program, nullptr, nullptr, nullptr) == 0);
  std::FILE* file = ::fdopen(program, "w");
  const Screen screen(file);
  constexpr std::size_t kUsual = 80;
  CHECK(screen.width() == kUsual);
  winsize size{};
  size.ws_col = 8;
  ::ioctl(person, TIOCSWINSZ, &size);
  CHECK(screen.width() == 8);
  CHECK(screen.fitted("one two three\n") == "one two\nthree\n");
  std::fclose(file);
  ::close(person);
}

TEST_CASE("setup: to a file all is said as it is") {
  std::FILE* file = std::tmpfile();
  const Screen screen(file);
  const std::string line(200, 'a');
  CHECK(screen.fitted(line + " b") == line + " b");
  std::fclose(file);
}

}  // namespace
}  // namespace ticketd
