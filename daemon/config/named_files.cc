#include "daemon/config/named_files.h"

#include <fmt/format.h>

#include "parsers/printable.h"

namespace ticketd {

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

std::string warning_of(const std::string& file, std::string_view why) {
  return fmt::format("warning: {}: {}", printable_line(file), why);
}

std::vector<std::string> unreadable_files(const Settings& settings, const std::filesystem::path& folder,
                                          const FileReader& reader) {
  std::vector<std::string> warnings;
  for (const auto& [file, whom] : named_files(settings, folder))
    if (const auto why = hindrance_to(reader, file, whom); !why.empty()) warnings.push_back(warning_of(file, why));
  return warnings;
}

std::vector<std::string> unreadable_files(const Settings& settings, const std::string& config_file) {
  std::error_code error;
  const auto folder = std::filesystem::absolute(config_file, error).parent_path();
  return unreadable_files(settings, folder, reader_of(config_file));
}

}  // namespace ticketd
