#include "daemon/service/memory_guard.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdlib>
#include <string_view>

namespace ticketd {

void guard_memory() {
  const char* debuggable = std::getenv("TICKETD_DEBUGGABLE");
  if (debuggable != nullptr && std::string_view(debuggable) == "1") return;
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

}  // namespace ticketd
