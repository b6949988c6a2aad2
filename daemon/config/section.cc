#include "daemon/config/section.h"

#include <algorithm>

namespace ticketd {
namespace {

std::vector<std::string> keys_of(const std::vector<SettingRow>& rows) {
  std::vector<std::string> keys;
  for (const SettingRow& row : rows) keys.push_back(row.key);
  return keys;
}

std::string joined(const std::vector<std::string>& keys) { return fmt::format("{}", fmt::join(keys, ", ")); }

// The table that has such a key, for keys that stand under the wrong header.
std::string home_of(const std::string& key, const std::vector<SettingRow>& rows, const std::string& path) {
  for (const SettingRow& row : rows) {
    const std::string inner = join_path(path, row.key);
    if (row.key == key) return inner;
    if (std::string home = home_of(key, row.children, inner); !home.empty()) return home;
  }
  return {};
}

}  // namespace

void tell_unknown_keys(const ConfigNode& table, const std::vector<SettingRow>& rows, const Reading& reading) {
  const std::vector<std::string> known = keys_of(rows);
  for (const ConfigEntry& entry : table.entries) {
    if (std::ranges::find(known, entry.key) != known.end()) continue;
    std::string message = fmt::format("unknown key \"{}\"", join_path(reading.path, entry.key));
    const std::string meant = near_miss(entry.key, known);
    const std::string home = meant.empty() ? home_of(entry.key, settings_table(), "") : "";
    if (!meant.empty())
      message += fmt::format("; \"{}\" is probably meant", join_path(reading.path, meant));
    else if (!home.empty())
      message += fmt::format("; there is a \"{}\"", home);
    reading.problems.error(entry.at, message + fmt::format("; allowed here are {}", joined(known)));
  }
}

void tell_presence(const ConfigNode& table, const SettingRow& row, const Reading& reading) {
  const auto entry = std::ranges::find(table.entries, row.key, &ConfigEntry::key);
  const std::string path = join_path(reading.path, row.key);
  if (entry != table.entries.end()) return;
  if (row.required && !reading.problems.any_unreadable())
    reading.problems.error(table.at, fmt::format("{}{}it must be {}", path, kIsMissing, row.allowed));
}

bool tell_unless_table(const ConfigNode& node, const Reading& reading) {
  if (node.kind == ConfigNode::Kind::table) return true;
  tell_wrong(node, reading, "a table", ConfigNode::Kind::table);
  return false;
}

}  // namespace ticketd
