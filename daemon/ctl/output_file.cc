#include "daemon/ctl/output_file.h"

#include <sys/stat.h>

#include <cerrno>

namespace ticketd {
namespace {

void require_name(const std::string& path, Existing existing) {
  struct stat there {};
  if (::lstat(path.c_str(), &there) != 0) return;
  if (existing == Existing::kept) throw file_failure(kExitDataError, path, "can't be created", EEXIST);
  // A name in /dev, or a link, is not ours to replace.
  if (!S_ISREG(there.st_mode)) throw file_failure(kExitDataError, path, "is no file that can be replaced", EEXIST);
}

}  // namespace

void write_file(const std::string& path, std::string_view octets, Existing existing) {
  require_name(path, existing);
  DraftFile draft(path);
  draft.write(octets);
  draft.take_name(existing);
}

void write_file_by(const std::string& path, Existing existing,
                   const std::function<void(const std::string& draft)>& fill) {
  require_name(path, existing);
  DraftFile draft(path);
  draft.fill(fill);
  draft.take_name(existing);
}

}  // namespace ticketd
