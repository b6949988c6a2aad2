#include "daemon/config/problems.h"

#include <algorithm>

#include <fmt/format.h>

#include "parsers/printable.h"

namespace ticketd {
std::uint32_t Problems::add_file(std::string name) {
  files_.push_back(std::move(name));
  return static_cast<std::uint32_t>(files_.size() - 1);
}

void Problems::add(const SourceAt& at, std::string message, bool warning) {
  found_.push_back({at, printable_line(message), warning});
}

void Problems::unreadable(const SourceAt& at, std::string message) {
  unreadable_ = true;
  error(at, std::move(message));
}

bool Problems::any_error() const {
  return std::ranges::any_of(found_, [](const Found& found) { return !found.warning; });
}

std::vector<ConfigProblem> Problems::sorted() const {
  std::vector<Found> ordered = found_;
  std::ranges::stable_sort(ordered, {}, &Found::at);
  std::vector<ConfigProblem> out;
  for (Found& found : ordered)
    out.push_back({files_.at(found.at.file), found.at.line, found.at.column, std::move(found.message), found.warning});
  return out;
}

std::string to_string(const ConfigProblem& problem) {
  return fmt::format("{}:{}:{}: {}{}", problem.file, problem.line, problem.column, problem.warning ? "warning: " : "",
                     problem.message);
}

}  // namespace ticketd
