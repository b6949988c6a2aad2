#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "daemon/ctl/draft_file.h"

namespace ticketd {

/// Writes a file, for its owner alone (mode 0600): it is there whole and safe on the disk, or not at all. A link is
/// never followed, and only a regular file is replaced. Throws CommandFailure: kExitDataError when it can't have
/// that name, kExitTryAgain when it can't be written.
void write_file(const std::string& path, std::string_view octets, Existing existing);

/// Likewise, but `fill` writes the file, which is there under another name in the same folder until it has.
void write_file_by(const std::string& path, Existing existing,
                   const std::function<void(const std::string& draft)>& fill);

}  // namespace ticketd
