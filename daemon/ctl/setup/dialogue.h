#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/file_reader.h"
#include "daemon/ctl/setup/answers.h"
#include "daemon/ctl/setup/interview.h"
#include "daemon/ctl/setup/machine.h"
#include "daemon/ctl/setup/mail_servers.h"
#include "daemon/ctl/setup/secret_names.h"

namespace ticketd {

/// The questions of setup by the keys of an answers file.
[[nodiscard]] std::span<const std::string_view> setup_keys();

/// What other parts of the configuration have already, and nobody else may have once more.
struct TakenNames {
  std::vector<std::string> mailboxes, people, emails, logins;
  std::vector<std::string> files;  ///< of secrets and the like; without the folder
};

struct DialogueOptions {
  Machine machine;
  std::string store_path;    ///< suggested; empty: the configuration is the system's, which has its place
  SetupAnswers before = {};  ///< suggested too
  TakenNames taken = {};
  SecretFolder secrets = {};
  FileReader daemon = {};
  /// The mails that are there are in the ledger of that mailbox already. Unset: nobody knows.
  std::function<bool(const MailboxSettings& mailbox)> has_begun = {};
  /// The provider has replaced the refresh token: until the new one is written, it is nowhere else.
  std::function<void()> on_new_refresh_token = {};
};

/// Asks for what a first configuration needs, and tries it on the servers; `servers` nullptr: nothing is tried. Throws
/// CommandFailure where an answer is missing, wrong or does not work and can't be corrected.
[[nodiscard]] SetupAnswers ask_for_setup(Interview& interview, MailServers* servers, const DialogueOptions& options);

}  // namespace ticketd
