#pragma once

#include <chrono>
#include <optional>
#include <string_view>

/// What a Type=notify service tells systemd (sd_notify(3)). Without $NOTIFY_SOCKET nothing happens. Any thread.
namespace ticketd::service {

/// READY=1: the start, or the reload that `notify_reloading` announced, is done. `status` is shown by `systemctl
/// status`.
void notify_ready(std::string_view status = "ready");
void notify_status(std::string_view status);
/// RELOADING=1 with the monotonic time that systemd needs to match it with its signal. To be sent before the work
/// begins: `systemctl reload` returns early else.
void notify_reloading();
void notify_stopping();
void notify_watchdog();

/// WatchdogSec of the unit, if this process is the one that is watched; a ping is due in half that time.
[[nodiscard]] std::optional<std::chrono::microseconds> watchdog_interval();

}  // namespace ticketd::service
