#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace ticketd {

/// Who will read the files that the configuration names.
struct FileReader {
  bool is_caller = true;  ///< whoever runs setup: what he can read will do; what follows does not count
  uid_t user = 0;
  std::vector<gid_t> groups = {};  ///< the first one is his own; never empty where `user` counts
  bool is_shut_in = false;         ///< by ticketd.service, from which whole folders are hidden
};

/// The configuration of the system's unit.
inline constexpr std::string_view kSystemConfiguration = "/etc/ticketd/ticketd.toml";

/// The daemon as the system's unit runs it: user ticketd, shut in where there is systemd. The caller where there is
/// neither.
[[nodiscard]] FileReader system_daemon();
/// Who runs with that configuration: that daemon with the system's, else the caller.
[[nodiscard]] FileReader reader_of(const std::string& config_file);

/// For whom a copy of a file is that the reader could read.
enum class FileFor { everybody, daemon_alone };

/// Why that reader can't read a file, and what to do about it; empty: it can, or there is no such file, or this process
/// may not find out. A file that holds a private key is never advised to be opened, whatever `whom` says.
/// `where`: it is to be done there, "in another terminal" say.
[[nodiscard]] std::string hindrance_to(const FileReader& reader, const std::string& file,
                                       FileFor whom = FileFor::everybody, std::string_view where = {});
/// The same for one that the unit hides, as it comes: a drop-in may show it.
[[nodiscard]] std::string likely_hindrance_to(const FileReader& reader, const std::string& file,
                                              FileFor whom = FileFor::everybody);

}  // namespace ticketd
