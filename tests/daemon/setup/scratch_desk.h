#pragma once

#include <stdlib.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "daemon/ctl/setup/earlier.h"
#include "daemon/ctl/setup/surroundings.h"
#include "tests/daemon/config/scratch_folder.h"
#include "tests/daemon/setup/scripted_interview.h"

namespace ticketd {

/// A configuration that is there, with a folder of credentials in which names are found, and whoever runs setup on it
/// once more.
struct ScratchDesk {
  ScratchFolder folder;
  std::string file = (folder.path() / "ticketd.toml").string();
  std::string credentials = (folder.path() / "credentials").string();
  DialogueOptions options = kSystem;
  ScriptedInterview person;
  ScriptedServers servers;

  explicit ScratchDesk(std::string_view text) {
    folder.write("ticketd.toml", text);
    std::filesystem::create_directory(credentials);
    ::setenv("CREDENTIALS_DIRECTORY", credentials.c_str(), 1);
    options.secrets = {credentials, true};
  }
  ~ScratchDesk() { ::unsetenv("CREDENTIALS_DIRECTORY"); }
  ScratchDesk(const ScratchDesk&) = delete;
  ScratchDesk& operator=(const ScratchDesk&) = delete;

  void keep(const std::string& name, const std::string& secret) const {
    folder.write("credentials/" + name, secret + "\n");
    ::chmod((credentials + "/" + name).c_str(), 0600);
  }
  [[nodiscard]] std::string text() const {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  [[nodiscard]] SetupAnswers earlier() const { return earlier_answers(text(), file); }
  SetupAnswers go() {
    options.before = earlier();
    options.taken = taken_beside(file, text(), options.before, options.secrets);
    return ask_for_setup(person, &servers, options);
  }
};

using Written = std::vector<std::string>;

/// The files of secrets that setup writes.
inline Written written_by(const SetupAnswers& answers) {
  Written all;
  for (const auto& each : answers.new_secrets) all.push_back(each.name + " = " + each.value);
  return all;
}

}  // namespace ticketd
