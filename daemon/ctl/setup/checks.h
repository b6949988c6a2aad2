#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "daemon/config/file_reader.h"
#include "daemon/config/value_type.h"

/// What may be an answer: by the very types of the configuration's table.
namespace ticketd {

using AnswerCheck = std::function<std::string(std::string&)>;

/// What the type says against a text; empty when it takes it.
template <class T>
std::string fault_by(const ValueType<T>& type, const std::string& text) {
  static const std::filesystem::path kAnywhere = "/";
  Problems problems;
  static_cast<void>(problems.add_file(""));
  static_cast<void>(type.read(ConfigNode(text), {problems, "", kAnywhere}));
  const auto told = problems.sorted();
  if (told.empty() || told.front().warning) return {};
  constexpr std::string_view kNoPath = ": ";  // the path, which has no place here, and what follows it
  return told.front().message.substr(kNoPath.size());
}

template <class T>
AnswerCheck checked_by(ValueType<T> type) {
  return [type = std::move(type)](std::string& text) { return fault_by(type, text); };
}

[[nodiscard]] AnswerCheck one_of_words(std::vector<std::string> words);
/// Mail addresses with commas between them; at least one.
[[nodiscard]] AnswerCheck some_addresses();
[[nodiscard]] std::vector<std::string> split_list(std::string_view text);
/// "imap.example.com", "HOST:PORT" or a URL; becomes the URL. `instead` gets the other URL that may be meant.
[[nodiscard]] AnswerCheck imap_server(std::string* instead);
[[nodiscard]] AnswerCheck smtp_server(std::string* instead);
/// https://, and http:// for loopback.
[[nodiscard]] AnswerCheck token_url();
/// An absolute path of a file with certificates (PEM) that the daemon can read. `where`: what can be done so that it
/// can is to be done there.
[[nodiscard]] AnswerCheck certificate_file(const FileReader& daemon, std::string_view where);
/// One that a system may have (`id NAME`), or "none". Which are there is not looked at.
[[nodiscard]] AnswerCheck user_name();

}  // namespace ticketd
