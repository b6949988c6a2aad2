#pragma once

namespace ticketd {

/// systemd runs here (sd_booted(3)).
[[nodiscard]] bool has_systemd();

}  // namespace ticketd
