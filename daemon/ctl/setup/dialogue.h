#pragma once

#include <span>
#include <string>
#include <string_view>

#include "daemon/ctl/setup/answers.h"
#include "daemon/ctl/setup/interview.h"
#include "daemon/ctl/setup/machine.h"
#include "daemon/ctl/setup/mail_servers.h"

namespace ticketd {

/// The questions of setup by the keys of an answers file.
[[nodiscard]] std::span<const std::string_view> setup_keys();

struct DialogueOptions {
  Machine machine;
  std::string store_path;  ///< suggested; empty: the configuration is the system's, which has its place
};

/// Asks for what a first configuration needs, and tries it on the servers; `servers` nullptr: nothing is tried. Throws
/// CommandFailure where an answer is missing, wrong or does not work and can't be corrected.
[[nodiscard]] SetupAnswers ask_for_setup(Interview& interview, MailServers* servers, const DialogueOptions& options);

}  // namespace ticketd
