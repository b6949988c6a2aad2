#pragma once

#include <cstdio>
#include <set>
#include <span>
#include <string>

#include "daemon/config/config_node.h"
#include "daemon/ctl/setup/interview.h"
#include "daemon/ctl/setup/screen.h"

namespace ticketd {

/// Answers in TOML: `key = "answer"`, lists of texts, true and false. Nothing is asked again: what is wrong or missing
/// is a CommandFailure that names the key and its place.
class AnswersFile : public Interview {
 public:
  /// Reads FILE, or standard input for "-". Throws CommandFailure: it can't be read, is no TOML, has a key that is none
  /// of `keys`, or holds secrets and others can read it. What is told goes to `told`.
  AnswersFile(const std::string& file, std::span<const std::string_view> keys, std::FILE* told);
  [[nodiscard]] std::string ask(const Question& question) override;
  void say(std::string_view text) override { told_.say(text); }
  void show(std::string_view lines) override { told_.show(lines); }
  [[nodiscard]] std::size_t width() const override { return told_.width(); }
  void tell_unneeded() override;
  [[nodiscard]] bool is_left_out(const std::string& key) const override;
  [[nodiscard]] bool can_correct() const override { return false; }

 private:
  [[nodiscard]] std::string place(const SourceAt& at) const;

  std::string name_;
  ConfigNode answers_;
  Screen told_;
  std::set<std::string> asked_;
};

}  // namespace ticketd
