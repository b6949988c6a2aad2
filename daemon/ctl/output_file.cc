#include "daemon/ctl/output_file.h"

#include <sys/stat.h>

#include <cerrno>

namespace ticketd {

void write_file(const std::string& path, std::string_view octets, Existing existing) {
  struct stat there {};
  if (::lstat(path.c_str(), &there) == 0) {
    if (existing == Existing::kept) throw file_failure(kExitDataError, path, "can't be created", EEXIST);
    // A name in /dev, or a link, is not ours to replace.
    if (!S_ISREG(there.st_mode)) throw file_failure(kExitDataError, path, "is no file that can be replaced", EEXIST);
  }
  DraftFile draft(path);
  draft.write(octets);
  draft.take_name(existing);
}

}  // namespace ticketd
