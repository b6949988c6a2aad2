#pragma once

#include <filesystem>

#include "daemon/config/settings.h"
#include "daemon/ctl/setup/file_reader.h"
#include "daemon/ctl/setup/interview.h"

/// What there is around the configuration that setup writes to `file`.
namespace ticketd {

/// Warns of certificates and keys that the daemon could not read. `folder`: of the configuration.
void tell_unreadable_files(Interview& interview, const Settings& settings, const std::filesystem::path& folder,
                           const FileReader& daemon);

}  // namespace ticketd
