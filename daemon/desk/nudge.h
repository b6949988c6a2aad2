#pragma once

#include <filesystem>

namespace ticketd {

/// The datagram socket on which the daemon is told that the store has something new: $RUNTIME_DIRECTORY/notify, else
/// /run/ticketd/notify.
[[nodiscard]] std::filesystem::path nudge_socket_path();

/// Sends one datagram there; a daemon that does not listen finds the change at its next timer.
void nudge_daemon();

}  // namespace ticketd
