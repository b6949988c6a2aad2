// Each folder of tests/daemon/bad_configs and good_configs holds one configuration and, in `expected`, all that is to
// be said about it. With TICKETD_ACCEPT=1 in the environment the files are written instead, and the test counts as
// skipped.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "daemon/config/settings.h"
#include "tests/daemon/config/credentials.h"

namespace ticketd {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> folders(const std::string& kind) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(fs::path(TESTS_DIR) / "daemon" / kind)) out.push_back(entry.path());
  std::ranges::sort(out);
  return out;
}

std::string without(std::string text, const std::string& prefix) {
  for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix))
    text.erase(at, prefix.size());
  return text;
}

std::string told(const fs::path& folder, const LoadedSettings& loaded) {
  std::string out;
  for (const ConfigProblem& problem : loaded.problems) out += to_string(problem) + '\n';
  return without(out, folder.string() + '/');
}

std::string content(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

void compare(const fs::path& folder, const LoadedSettings& loaded) {
  const fs::path expected = folder / "expected";
  if (std::getenv("TICKETD_ACCEPT") != nullptr) {
    std::ofstream(expected) << told(folder, loaded);
    FAIL_CHECK("skipped: written anew");
    return;
  }
  CHECK(told(folder, loaded) == content(expected));
}

}  // namespace

TEST_CASE("every bad configuration is refused with its exact messages", "[config]") {
  const Credentials credentials;
  const std::vector<fs::path> all = folders("bad_configs");
  CHECK(all.size() >= 40);
  for (const fs::path& folder : all) {
    INFO(folder.filename().string());
    const LoadedSettings loaded = load_settings(folder / "ticketd.toml");
    CHECK_FALSE(loaded.settings);
    CHECK(std::ranges::any_of(loaded.problems, [](const ConfigProblem& problem) { return !problem.warning; }));
    compare(folder, loaded);
  }
}

TEST_CASE("every good configuration is accepted with its exact warnings", "[config]") {
  const Credentials credentials;
  for (const fs::path& folder : folders("good_configs")) {
    INFO(folder.filename().string());
    const LoadedSettings loaded = load_settings(folder / "ticketd.toml");
    CHECK(loaded.settings);
    CHECK(std::ranges::all_of(loaded.problems, &ConfigProblem::warning));
    compare(folder, loaded);
  }
}

}  // namespace ticketd
