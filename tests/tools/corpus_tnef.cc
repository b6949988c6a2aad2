#include "tests/tools/corpus_tnef.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <vector>

#include "parsers/ascii.h"
#include "parsers/email.h"

namespace ticketd {
namespace {

using std::filesystem::path;

std::string read_file(const path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A name as far as its origins agree on it: letters and digits, without our counter.
std::string essence(std::string name) {
  if (const auto counter = name.rfind(" ("); counter != std::string::npos)
    if (const auto close = name.find(')', counter); close != std::string::npos)
      name.erase(counter, close + 1 - counter);
  std::erase_if(name, [](char c) { return !is_letter(c) && !is_digit(c) && !is_8bit(c); });
  return to_lower(name);
}

std::vector<std::string> sorted(std::vector<std::string> names) {
  for (std::string& name : names) name = essence(name);
  std::sort(names.begin(), names.end());
  return names;
}

/// The files that the list names. A body counts as read when the mail has a text or a file for it.
std::vector<std::string> expected_names(const std::string& list, bool has_body) {
  std::vector<std::string> names;
  std::istringstream lines(list);
  for (std::string line; std::getline(lines, line);) {
    line = trim(line);
    if (!line.empty() && !(line.starts_with("body.") && has_body)) names.push_back(line);
  }
  return names;
}

/// A stream that holds no file at all is shown itself.
std::vector<std::string> names_read(const Email& email, bool& has_body) {
  std::vector<std::string> names;
  has_body = !trim(email.text).empty();
  for (const Attachment& a : email.attachments) {
    has_body = has_body || a.name == "body.rtf";
    if (a.name != "body.rtf" && a.name != "winmail.dat") names.push_back(a.name);
  }
  return names;
}

}  // namespace

void judge_tnef(const path& folder, const JudgeNames& judge) {
  std::vector<path> streams;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".tnef") streams.push_back(entry.path());
  std::sort(streams.begin(), streams.end());
  for (const path& stream : streams) {
    const auto mail = "From: a@b.example\nContent-Type: application/ms-tnef\n\n" + read_file(stream);
    const auto parsed = parse_email(mail);
    const Email* email = std::get_if<Email>(&parsed);
    bool has_body = false;
    const auto got = email != nullptr ? names_read(*email, has_body) : std::vector<std::string>{};
    const auto expected = expected_names(read_file(path(stream).replace_extension(".list")), has_body);
    const std::string defects = email != nullptr ? fmt::format("{}", fmt::join(email->defects, "; ")) : "";
    judge(fmt::format("tnef/{} {}", stream.filename().string(), defects), fmt::format("{}", fmt::join(expected, ", ")),
          fmt::format("{}", fmt::join(got, ", ")), sorted(expected) == sorted(got));
  }
}

}  // namespace ticketd
