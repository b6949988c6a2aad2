#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "daemon/config/config_node.h"
#include "daemon/config/settings.h"

namespace ticketd {

/// Collects what is wrong with a configuration while it is read, so that all of it can be told at once.
class Problems {
 public:
  /// Makes a file known; its number is what SourceAt::file holds. `name` is shown as it is.
  [[nodiscard]] std::uint32_t add_file(std::string name);
  void error(const SourceAt& at, std::string message) { add(at, std::move(message), false); }
  void warning(const SourceAt& at, std::string message) { add(at, std::move(message), true); }
  /// Like `error`, for a file that could not be read: what seems to be missing may stand in it.
  void unreadable(const SourceAt& at, std::string message);
  [[nodiscard]] bool any_unreadable() const { return unreadable_; }
  [[nodiscard]] bool any_error() const;
  /// In the order of files, lines and columns.
  [[nodiscard]] std::vector<ConfigProblem> sorted() const;

 private:
  struct Found {
    SourceAt at;
    std::string message;
    bool warning = false;
  };
  void add(const SourceAt& at, std::string message, bool warning);
  std::vector<std::string> files_;
  std::vector<Found> found_;
  bool unreadable_ = false;
};

}  // namespace ticketd
