#include "daemon/ctl/caller.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

namespace ticketd {

std::string calling_user() {
  const char* behind_sudo = std::getenv("SUDO_USER");
  if (::getuid() == 0 && behind_sudo && *behind_sudo) return behind_sudo;
  const passwd* entry = ::getpwuid(::getuid());
  return entry ? entry->pw_name : std::to_string(::getuid());
}

}  // namespace ticketd
