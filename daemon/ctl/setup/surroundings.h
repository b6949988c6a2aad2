#pragma once

#include <filesystem>
#include <string>

#include "daemon/config/file_reader.h"
#include "daemon/config/settings.h"
#include "daemon/ctl/setup/answers.h"
#include "daemon/ctl/setup/dialogue.h"
#include "daemon/ctl/setup/interview.h"

/// What there is around the configuration that setup writes to `file`.
namespace ticketd {

/// Throws CommandFailure (78): the errors in the words of `ticketd --check`, and that advice.
[[nodiscard]] Settings valid_or_fail(LoadedSettings loaded, std::string_view advice);
inline constexpr std::string_view kCountsAsWell = "Nothing was written. (Files in conf.d beside it count as well.)";

/// Nothing in conf.d stands over what setup asks for, tries and writes. Throws CommandFailure, which names the place.
void require_nothing_over(const std::string& file, bool asks_for_store);

/// What the files of conf.d have taken, and `before` in what is not asked for; of secrets also what the configuration
/// `text`, which is replaced, names and setup's folder does not hold. Throws CommandFailure: errors, which are told
/// before anybody has typed anything.
[[nodiscard]] TakenNames taken_beside(const std::string& file, const std::string& text, const SetupAnswers& before,
                                      const SecretFolder& secrets);

/// The files in setup's own folder that the old configuration names, and `text`, with conf.d, no more.
[[nodiscard]] std::vector<std::string> secrets_left_behind(const std::string& old_text, const std::string& text,
                                                           const std::string& file, const SecretFolder& secrets);

/// Where the configuration of that text keeps everything; empty: it has errors.
[[nodiscard]] std::string store_of(std::string_view text, const std::string& file);
/// Whether the mails of that mailbox are in the ledger already: those of its folder of before.
[[nodiscard]] bool has_begun(const std::string& store, const SetupAnswers& before, const MailboxSettings& mailbox);

/// Warns of certificates and keys that the daemon could not read. `folder`: of the configuration.
void tell_unreadable_files(Interview& interview, const Settings& settings, const std::filesystem::path& folder,
                           const FileReader& daemon);

}  // namespace ticketd
