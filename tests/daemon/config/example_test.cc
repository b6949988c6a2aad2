// The shipped examples: every key of the table stands in systemd/ticketd.toml, and what it shows can be used.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

#include "daemon/config/settings.h"
#include "daemon/config/settings_table.h"
#include "tests/daemon/config/credentials.h"
#include "tests/daemon/config/scratch_folder.h"

namespace ticketd {
namespace {

const std::filesystem::path kFolder = std::filesystem::path(TESTS_DIR).parent_path() / "systemd";

std::string content(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Keys that are commented out have no space behind their "#".
std::string uncommented(const std::string& text) {
  std::istringstream in(text);
  std::string out, line;
  while (std::getline(in, line)) {
    if (line.starts_with('#') && line.size() > 1 && line[1] != ' ') line.erase(0, 1);
    out += line + '\n';
  }
  return out;
}

LoadedSettings load(const std::string& text) {
  const ScratchFolder folder;
  folder.write("ticketd.toml", text);
  LoadedSettings loaded = load_settings(folder.path() / "ticketd.toml");
  for (const ConfigProblem& problem : loaded.problems)
    if (!problem.warning) UNSCOPED_INFO(to_string(problem));
  return loaded;
}

std::size_t count_keys(const std::vector<SettingRow>& rows) {
  std::size_t count = 0;
  for (const SettingRow& row : rows) count += row.children.empty() ? 1 : count_keys(row.children);
  return count;
}

void check_documented(const std::vector<SettingRow>& rows, const std::string& path) {
  for (const SettingRow& row : rows) {
    INFO(path + row.key);
    CHECK_FALSE(row.doc.empty());
    CHECK_FALSE(row.type.empty());
    CHECK_FALSE(row.allowed.empty());
    const bool can_be_shown = !row.children.empty() || !row.default_value.absent() || !row.example.absent();
    CHECK(can_be_shown);
    check_documented(row.children, path + row.key + '.');
  }
}

}  // namespace

TEST_CASE("the example is what the table makes of itself", "[config]") {
  if (std::getenv("TICKETD_ACCEPT") != nullptr) {
    std::ofstream(kFolder / "ticketd.toml") << commented_example();
    FAIL("skipped: written anew");
  }
  CHECK(content(kFolder / "ticketd.toml") == commented_example());
}

TEST_CASE("the example loads as it is, without a warning", "[config]") {
  const Credentials credentials;
  const LoadedSettings loaded = load(content(kFolder / "ticketd.toml"));
  CHECK(loaded.settings);
  CHECK(loaded.problems.empty());
}

TEST_CASE("the example loads with all that it comments out", "[config]") {
  std::string text = uncommented(content(kFolder / "ticketd.toml"));
  // The one folder that must be there to be named.
  const std::string templates = "directory = \"/etc/ticketd/templates\"";
  REQUIRE(text.find(templates) != std::string::npos);
  text.erase(text.find(templates), templates.size());
  const LoadedSettings loaded = load(text);
  REQUIRE(loaded.settings);
  CHECK(loaded.settings->mailboxes.front().server.oauth2);
  CHECK(loaded.settings->smtp.servers.size() == 2);
  CHECK(loaded.settings->ruleset.mail_rules.size() == 1);
  CHECK(loaded.settings->ruleset.staff.size() == 1);
}

TEST_CASE("the minimal example loads without a warning", "[config]") {
  const Credentials credentials;
  const LoadedSettings loaded = load(content(kFolder / "minimal.toml"));
  CHECK(loaded.settings);
  CHECK(loaded.problems.empty());
}

TEST_CASE("every key says what it means", "[config]") {
  check_documented(settings_table(), "");
  CHECK(count_keys(settings_table()) > 100);
}

}  // namespace ticketd
