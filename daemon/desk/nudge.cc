#include "daemon/desk/nudge.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace ticketd {

std::filesystem::path nudge_socket_path() {
  const char* directory = std::getenv("RUNTIME_DIRECTORY");
  return std::filesystem::path(directory && *directory ? directory : "/run/ticketd") / "notify";
}

void nudge_daemon() {
  const auto path = nudge_socket_path().string();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket < 0) return;
  // The daemon only wants to know that something has changed; a nudge that gets lost costs time, never a mail.
  static_cast<void>(::sendto(socket, "", 0, 0, reinterpret_cast<const sockaddr*>(&address), sizeof address));
  ::close(socket);
}

}  // namespace ticketd
