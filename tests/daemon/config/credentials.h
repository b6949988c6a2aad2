#pragma once

#include <cstdlib>

#include "tests/daemon/config/scratch_folder.h"

namespace ticketd {

/// The secrets that the tests' configurations name are there, as systemd would hand them over.
class Credentials {
 public:
  Credentials() {
    for (const char* name : {"imap-password", "smtp-password", "oauth2-secret"}) folder_.write(name, "secret");
    ::setenv("CREDENTIALS_DIRECTORY", folder_.path().c_str(), 1);
  }
  ~Credentials() { ::unsetenv("CREDENTIALS_DIRECTORY"); }
  Credentials(const Credentials&) = delete;
  Credentials& operator=(const Credentials&) = delete;

 private:
  ScratchFolder folder_;
};

}  // namespace ticketd
