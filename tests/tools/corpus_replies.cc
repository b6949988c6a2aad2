#include "tests/tools/corpus_replies.h"

#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "parsers/ascii.h"
#include "parsers/reply_text.h"

namespace ticketd {
namespace {

/// As `Email::text` has it.
std::string read_text(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + file);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  std::erase(text, '\r');
  return text;
}

std::string without_space(const std::string& text) {
  std::string result = text;
  std::erase_if(result, is_space);
  return result;
}

}  // namespace

void judge_replies(const std::string& folder, const ReplyJudge& judge) {
  std::ifstream lines(folder + "/expected.jsonl");
  for (std::string line; std::getline(lines, line);) {
    const auto row = boost::json::parse(line);
    const std::string path(row.at("path").as_string());
    const std::string expected(row.at("reply_text").as_string());
    const std::string got = reply_text(read_text(folder + "/raw/" + path), "");
    judge(path, expected, got, without_space(expected) == without_space(got));
  }
}

}  // namespace ticketd
