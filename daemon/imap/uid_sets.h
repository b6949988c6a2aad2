#pragma once

#include <span>
#include <string>
#include <vector>

#include "store/store.h"

namespace ticketd {

/// The sequence set of ascending UIDs.
[[nodiscard]] std::string uid_set(std::span<const Uid> uids);
/// Sets that together name these UIDs (in any order), each short enough for one command line (RFC 7162 §4: 8192
/// octets).
[[nodiscard]] std::vector<std::string> uid_sets(std::vector<Uid> uids);

}  // namespace ticketd
