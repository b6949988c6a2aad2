#pragma once

#include <string>
#include <vector>

#include "daemon/config/config_node.h"
#include "daemon/ctl/setup/answers.h"

/// What the files of secrets are called, so that none is written over that somebody reads.
namespace ticketd {

/// Where setup writes secrets.
struct SecretFolder {
  std::string path;
  bool is_systems = true;  ///< a name alone is found there; else the configuration names the path
};

/// The last parts of the names of all files in a configuration.
[[nodiscard]] std::vector<std::string> file_names_in(const ConfigNode& root);
/// Those of them that lie in setup's own folder, with their paths.
[[nodiscard]] std::vector<std::string> secret_files_in(const ConfigNode& root, const SecretFolder& folder);

/// A secret that was stored stays where it is. Any other goes into a new file, whose name is none of `taken`, or into
/// one that holds that very secret: whoever reads a file of before, be it the daemon that runs or another
/// configuration, finds in it what was there. Fills `new_secrets` and the names of the files.
void name_secret_files(SetupAnswers& answers, const SecretFolder& folder, std::vector<std::string> taken);

}  // namespace ticketd
