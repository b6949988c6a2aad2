#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <string_view>

#include "daemon/ctl/session.h"

namespace ticketd {

/// What becomes of a file that has the name already.
enum class Existing { kept, replaced };

/// What could not be done with a file, and why (an errno).
[[nodiscard]] CommandFailure file_failure(ExitCode code, const std::string& path, std::string_view what, int error);

/// A file beside the one that it becomes, for its owner alone, so that it can be renamed; it goes when that does not
/// happen. Every function throws CommandFailure: kExitDataError when it can't have that name, kExitTryAgain when it
/// can't be written.
class DraftFile {
 public:
  explicit DraftFile(const std::string& path);
  DraftFile(const DraftFile&) = delete;
  DraftFile& operator=(const DraftFile&) = delete;
  ~DraftFile();

  /// Before `write`: who else may read it.
  void set_access(mode_t mode);
  /// The same owner and group as that file, and of its mode what `most` allows.
  void set_access_like(const std::string& file, mode_t most);
  /// All of it, and safe on the disk.
  void write(std::string_view octets);
  /// The same, by somebody who opens it himself.
  void fill(const std::function<void(const std::string& draft)>& writer);
  void take_name(Existing existing);
  /// Also when `take_name` threw of what follows: it is there, but perhaps not safe on the disk.
  [[nodiscard]] bool has_name() const { return draft_.empty(); }

 private:
  void finish();
  int rename(Existing existing);

  std::string path_;
  std::string folder_;
  std::string draft_;
  int file_;
};

}  // namespace ticketd
