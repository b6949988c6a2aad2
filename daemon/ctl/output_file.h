#pragma once

#include <string>
#include <string_view>

#include "daemon/ctl/draft_file.h"

namespace ticketd {

/// Writes a file, for its owner alone (mode 0600): it is there whole and safe on the disk, or not at all. A link is
/// never followed, and only a regular file is replaced. Throws CommandFailure: kExitDataError when it can't have
/// that name, kExitTryAgain when it can't be written.
void write_file(const std::string& path, std::string_view octets, Existing existing);

}  // namespace ticketd
