#include "daemon/service/notify.h"

#include <ctime>

#include <fmt/format.h>
#include <systemd/sd-daemon.h>

#include "parsers/printable.h"

namespace ticketd::service {
namespace {

constexpr int kKeepEnvironment = 0;

// Nobody can do anything about a failure here: systemd times out and says so.
void tell(const std::string& state) { static_cast<void>(sd_notify(kKeepEnvironment, state.c_str())); }

long long monotonic_microseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000LL + now.tv_nsec / 1'000;
}

}  // namespace

// One assignment per line: a line end in the status would begin another one.
void notify_ready(std::string_view status) { tell(fmt::format("READY=1\nSTATUS={}", printable_line(status))); }
void notify_status(std::string_view status) { tell(fmt::format("STATUS={}", printable_line(status))); }
void notify_reloading() {
  tell(fmt::format("RELOADING=1\nMONOTONIC_USEC={}\nSTATUS=reloading", monotonic_microseconds()));
}
void notify_stopping() { tell("STOPPING=1\nSTATUS=stopping"); }
void notify_watchdog() { tell("WATCHDOG=1"); }

std::optional<std::chrono::microseconds> watchdog_interval() {
  std::uint64_t interval = 0;
  if (sd_watchdog_enabled(kKeepEnvironment, &interval) <= 0) return std::nullopt;
  return std::chrono::microseconds(interval);
}

}  // namespace ticketd::service
