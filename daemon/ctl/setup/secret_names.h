#pragma once

#include <string>
#include <vector>

#include "daemon/config/config_node.h"
#include "daemon/ctl/setup/answers.h"

/// What the files of secrets are called, so that none is written that somebody else reads.
namespace ticketd {

/// The last parts of the names of all files in a configuration. `with_asked`: those of the secrets that setup asks for
/// as well.
[[nodiscard]] std::vector<std::string> file_names_in(const ConfigNode& root, bool with_asked);

/// A secret that is the one of `before` stays where it is. Any other goes into the file that had the one before it,
/// unless that lies elsewhere or is among `taken`, or else into the first file among the credentials that is not.
void name_secret_files(SetupAnswers& answers, const SetupAnswers& before, std::vector<std::string> taken);

}  // namespace ticketd
