#include "tests/tools/corpus_bounces.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "parsers/email.h"
#include "rules/classify.h"

namespace ticketd {
namespace {

std::string read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A desk that no mail of the corpus concerns.
Ruleset empty_desk() {
  Ruleset ruleset;
  ruleset.support.address = "support@desk.invalid";
  return ruleset;
}

bool is_bounce(const std::string& octets, std::string& why) {
  const auto parsed = parse_email(octets);
  const auto* email = std::get_if<Email>(&parsed);
  if (email == nullptr) return false;
  bool found = false;
  for (const auto& each : classify_mail(*email, empty_desk(), false)) {
    why += (why.empty() ? "" : ", ") + each.evidence;
    found = found || each.mail_class == MailClass::bounce;
  }
  return found;
}

}  // namespace

void judge_bounces(const std::filesystem::path& folder, const BounceVerdict& verdict) {
  std::ifstream lines(folder / "expected.jsonl");
  for (std::string line; std::getline(lines, line);) {
    const auto expected = boost::json::parse(line);
    const std::string path(expected.at("path").as_string());
    const std::string wanted(expected.at("class").as_string());
    std::string why;
    const bool got = is_bounce(read_file(folder / "raw" / path), why);
    verdict(path, wanted, (got ? "bounce" : "not-bounce") + (why.empty() ? "" : ": " + why),
            got == (wanted == "bounce"));
  }
}

}  // namespace ticketd
