#include "daemon/service/booted.h"

#include <systemd/sd-daemon.h>

namespace ticketd {

bool has_systemd() { return ::sd_booted() > 0; }

}  // namespace ticketd
