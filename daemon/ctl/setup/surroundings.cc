#include "daemon/ctl/setup/surroundings.h"

#include <fmt/format.h>

#include <map>

#include "parsers/printable.h"

namespace ticketd {
namespace {

/// The files that the configuration names, and for whom a copy of each may be: a key is the daemon's, whatever else its
/// file is named for.
std::map<std::string, FileFor> named_files(const Settings& settings, const std::filesystem::path& folder) {
  std::map<std::string, FileFor> files;
  const auto add = [&](const std::string& file, FileFor whom) {
    if (file.empty()) return;
    auto& known = files.try_emplace((folder / file).lexically_normal().string(), whom).first->second;
    if (whom == FileFor::daemon_alone) known = whom;
  };
  const auto add_all = [&add](const ServerSettings& server) {
    add(server.ca_file, FileFor::everybody);
    add(server.client_certificate_file, server.client_key_file.empty() ? FileFor::daemon_alone : FileFor::everybody);
    add(server.client_key_file, FileFor::daemon_alone);
  };
  for (const auto& mailbox : settings.mailboxes) add_all(mailbox.server);
  for (const auto& server : settings.smtp.servers) add_all(server);
  return files;
}

}  // namespace

void tell_unreadable_files(Interview& interview, const Settings& settings, const std::filesystem::path& folder,
                           const FileReader& daemon) {
  for (const auto& [file, whom] : named_files(settings, folder)) {
    auto why = hindrance_to(daemon, file, whom);
    if (why.empty()) why = likely_hindrance_to(daemon, file, whom);
    if (!why.empty()) interview.say(fmt::format("warning: {}: {}\n", printable_line(file), why));
  }
}

}  // namespace ticketd
