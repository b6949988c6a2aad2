// LD_PRELOAD for tests that move the wall clock of a running program: MOVED_CLOCK names a file that holds a number of
// seconds, which every look at the clock adds to the real time. Only the wall clock moves: the steady one, and what the
// kernel waits for by it, go on as they are. (libfaketime moves timerfd_settime's clock too, whatever it is told, so
// that an event loop sleeps for ever.)
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>

namespace {

/// Octets of the file: "-86400".
constexpr std::size_t kLongest = 31;

int clock_file() {
  const char* path = std::getenv("MOVED_CLOCK");
  return path == nullptr ? -1 : ::open(path, O_RDONLY | O_CLOEXEC);
}

long offset() {
  static const int file = clock_file();
  char text[kLongest + 1]{};
  if (file < 0 || ::pread(file, text, kLongest, 0) <= 0) return 0;
  return std::strtol(text, nullptr, 10);
}

int real_clock(clockid_t clock, timespec* at) { return static_cast<int>(::syscall(SYS_clock_gettime, clock, at)); }

bool is_wall_clock(clockid_t clock) { return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE; }

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* at) noexcept {
  const int result = real_clock(clock, at);
  if (result == 0 && is_wall_clock(clock)) at->tv_sec += offset();
  return result;
}

int gettimeofday(timeval* at, void*) noexcept {
  timespec now{};
  if (::clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
  at->tv_sec = now.tv_sec;
  at->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t* at) noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  if (at != nullptr) *at = now.tv_sec;
  return now.tv_sec;
}

}  // extern "C"
