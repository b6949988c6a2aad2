#include "daemon/ctl/setup/machine.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "daemon/config/value_types.h"
#include "daemon/ctl/caller.h"

namespace ticketd {
namespace {

bool is_time_zone(const std::string& name) {
  Problems unheard;
  return !name.empty() && time_zone().read(ConfigNode(name), {unheard, "", {}}).has_value();
}

std::string linked_time_zone() {
  std::error_code error;
  const auto target = std::filesystem::read_symlink("/etc/localtime", error).string();
  constexpr std::string_view kFolder = "zoneinfo/";
  const auto at = target.find(kFolder);
  return at == std::string::npos ? std::string() : target.substr(at + kFolder.size());
}

std::string written_time_zone() {
  std::ifstream in("/etc/timezone");
  std::string name;
  in >> name;
  return name;
}

std::string machine_time_zone() {
  const char* set = std::getenv("TZ");
  std::string own = set == nullptr ? "" : set;
  if (own.starts_with(':')) own.erase(0, 1);
  for (const auto& name : {own, linked_time_zone(), written_time_zone()})
    if (is_time_zone(name)) return name;
  return "UTC";
}

/// What a shell would start; empty: nothing.
std::filesystem::path found_in_path(const std::string& name) {
  const char* set = std::getenv("PATH");
  std::istringstream folders(set == nullptr ? "" : set);
  for (std::string folder; std::getline(folders, folder, ':');)
    if (auto program = std::filesystem::path(folder) / name; ::access(program.c_str(), X_OK) == 0) return program;
  return {};
}

}  // namespace

bool is_utc(std::string_view time_zone) {
  constexpr std::string_view kFolder = "Etc/", kNames[] = {"UTC", "UCT", "Universal", "Zulu"};
  if (time_zone.starts_with(kFolder)) time_zone.remove_prefix(kFolder.size());
  return std::ranges::find(kNames, time_zone) != std::end(kNames);
}

std::string program_to_call(const std::string& name) {
  std::error_code error;
  const auto own = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  for (const auto& folder : {own, own.parent_path() / "sbin"}) {
    const auto program = folder / name;
    if (::access(program.c_str(), X_OK) != 0) continue;
    return std::filesystem::equivalent(program, found_in_path(name), error) ? name : program.string();
  }
  return name;
}

Machine this_machine() {
  const auto user = calling_user();
  const auto has_user = [](const std::string& name) { return ::getpwnam(name.c_str()) != nullptr; };
  return {machine_time_zone(), user == "root" ? std::string() : user, has_user};
}

}  // namespace ticketd
