#include "daemon/ctl/setup/machine.h"

#include <pwd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

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

}  // namespace

Machine this_machine() {
  const auto user = calling_user();
  const auto has_user = [](const std::string& name) { return ::getpwnam(name.c_str()) != nullptr; };
  return {machine_time_zone(), user == "root" ? std::string() : user, has_user};
}

}  // namespace ticketd
