#pragma once

#include <filesystem>
#include <string>

#include "daemon/config/settings.h"
#include "daemon/ctl/setup/answers.h"
#include "daemon/ctl/setup/dialogue.h"
#include "daemon/ctl/setup/file_reader.h"
#include "daemon/ctl/setup/interview.h"

/// What there is around the configuration that setup writes to `file`.
namespace ticketd {

/// What the files of conf.d have taken, and `before` in what is not asked for. Throws CommandFailure: errors in conf.d,
/// which are told before anybody has typed anything.
[[nodiscard]] TakenNames taken_beside(const std::string& file, const SetupAnswers& before);

/// Where the configuration that is there keeps everything; empty: there is none, or it has errors.
[[nodiscard]] std::string store_of(const std::string& file);
/// Whether the mails of that mailbox are in the ledger already: those of its folder of before.
[[nodiscard]] bool has_begun(const std::string& store, const SetupAnswers& before, const MailboxSettings& mailbox);

/// Warns of certificates and keys that the daemon could not read. `folder`: of the configuration.
void tell_unreadable_files(Interview& interview, const Settings& settings, const std::filesystem::path& folder,
                           const FileReader& daemon);

}  // namespace ticketd
