#include "daemon/ctl/setup/answers_file.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <vector>

#include "daemon/config/near_miss.h"
#include "daemon/config/toml_file.h"
#include "daemon/ctl/draft_file.h"
#include "parsers/printable.h"

namespace ticketd {
namespace {

constexpr std::size_t kLargest = 1 << 20;

std::string read_answers(const std::string& file) {
  if (file == "-") return read_standard_input(kLargest);
  struct stat status {};
  const auto failure = [&file](int error) {
    return file_failure(error == EACCES ? kExitNoPermission : kExitNoInput, file, "can't be read", error);
  };
  if (::stat(file.c_str(), &status) != 0) throw failure(errno);
  if (S_ISDIR(status.st_mode)) throw failure(EISDIR);
  if (S_ISREG(status.st_mode) && (status.st_mode & S_IRWXO) != 0)
    throw CommandFailure(kExitDataError,
                         fmt::format("{}: it may hold passwords, and others can get at it (mode {:04o}); chmod o= it",
                                     printable_line(file), status.st_mode & 07777));
  std::ifstream in(file, std::ios::binary);
  if (!in) throw failure(errno);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (text.size() > kLargest)
    throw CommandFailure(kExitDataError, fmt::format("{}: it is larger than 1 MiB", printable_line(file)));
  return text;
}

/// As a person would type it; nullopt: there is something in it that is no text.
std::optional<std::string> typed_list(const std::vector<ConfigNode>& items) {
  if (items.empty()) return "none";
  std::string text;
  for (const auto& item : items) {
    if (item.kind != ConfigNode::Kind::text) return std::nullopt;
    text += (text.empty() ? "" : ", ") + item.text;
  }
  return text;
}

/// The same; nullopt: it is nothing that answers such a question.
std::optional<std::string> typed(const ConfigNode& node, Question::Takes takes) {
  if (node.kind == ConfigNode::Kind::text) return node.text;
  if (node.kind == ConfigNode::Kind::boolean && takes == Question::Takes::yes_or_no) return node.boolean ? "yes" : "no";
  if (node.kind == ConfigNode::Kind::list && takes == Question::Takes::list) return typed_list(node.items);
  return std::nullopt;
}

std::string_view wanted(Question::Takes takes) {
  switch (takes) {
    case Question::Takes::text:
      return "it must be text in quotes";
    case Question::Takes::list:
      return "it must be text in quotes, or a list of such texts";
    case Question::Takes::yes_or_no:
      return "it must be true or false";
  }
  return {};
}

/// The parser's own words could repeat a secret.
void require_toml(Problems& problems) {
  const auto found = problems.sorted();
  if (found.empty()) return;
  const auto& at = found.front();
  throw CommandFailure(kExitDataError, fmt::format("{}:{}:{}: this is not TOML; an answer is KEY = \"TEXT\"", at.file,
                                                   at.line, at.column));
}

}  // namespace

AnswersFile::AnswersFile(const std::string& file, std::span<const std::string_view> keys, std::FILE* told)
    : name_(file == "-" ? "standard input" : printable_line(file)), told_(told) {
  Problems problems;
  const auto number = problems.add_file(name_);
  answers_ = parse_toml(read_answers(file), number, problems);
  require_toml(problems);
  for (const auto& entry : answers_.entries) {
    if (std::ranges::find(keys, entry.key) != keys.end()) continue;
    const auto meant = near_miss(entry.key, std::vector<std::string>(keys.begin(), keys.end()));
    problems.error(entry.at, fmt::format("'{}' is no question of setup{}", printable_line(entry.key),
                                         meant.empty() ? "" : fmt::format("; do you mean '{}'?", meant)));
  }
  std::string text;
  for (const auto& problem : problems.sorted()) text += (text.empty() ? "" : "\n") + to_string(problem);
  if (!text.empty()) throw CommandFailure(kExitDataError, text);
}

std::string AnswersFile::place(const SourceAt& at) const { return fmt::format("{}:{}:{}", name_, at.line, at.column); }

std::string AnswersFile::ask(const Question& question) {
  const ConfigNode& node = answers_[question.key];
  asked_.insert(question.key);
  if (node.absent() && question.fallback && !question.is_guess) return *question.fallback;
  if (node.absent())
    throw CommandFailure(kExitDataError, fmt::format("{}: '{}' is missing: {}{}", name_, question.key, question.words,
                                                     question.fallback && !question.is_secret
                                                         ? fmt::format(" (it could be \"{}\")", *question.fallback)
                                                         : std::string()));
  auto answer = typed(node, question.takes);
  if (!answer)
    throw CommandFailure(kExitDataError,
                         fmt::format("{}: {}: {}", place(node.at), question.key, wanted(question.takes)));
  if (answer->empty() && question.fallback && !question.is_guess) return *question.fallback;
  const auto fault = fault_of(question, *answer);
  if (!fault.empty())
    throw CommandFailure(kExitDataError, fmt::format("{}: {}: {}", place(node.at), question.key, fault));
  return *answer;
}

bool AnswersFile::is_left_out(const std::string& key) const { return asked_.contains(key) && answers_[key].absent(); }

void AnswersFile::tell_unneeded() {
  for (const auto& entry : answers_.entries)
    if (!asked_.contains(entry.key))
      say(fmt::format("{}: '{}' was not needed, and has no effect\n", place(entry.at), entry.key));
}

}  // namespace ticketd
