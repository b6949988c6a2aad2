#pragma once

#include <string>

namespace ticketd {

/// The file that setup is to write, as it was found.
struct TargetFile {
  std::string path;  ///< where it really lies, behind all links
  std::string content = {};
  bool is_there = false;
};

/// Throws CommandFailure: what has the name is no file, or can't be read.
[[nodiscard]] TargetFile look_at_target(const std::string& file);
/// What somebody has done to it since, as a verb: "was removed"; empty: nothing. Throws CommandFailure like
/// `look_at_target`.
[[nodiscard]] std::string change_of(const TargetFile& seen);
/// Whoever calls may write it, and files into that folder beside it. Throws CommandFailure (77, 65).
void require_rights(const TargetFile& target, const std::string& folder);

}  // namespace ticketd
