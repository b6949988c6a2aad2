#include "daemon/ctl/setup/carried.h"

#include <fmt/format.h>

#include <algorithm>

namespace ticketd {
namespace {

bool stands_apart(const ConfigNode& value) {
  return value.kind == ConfigNode::Kind::table || value.is_array_of_tables();
}

std::string block(const std::string& path, const ConfigNode& value) {
  if (value.kind == ConfigNode::Kind::table) return fmt::format("\n[{}]\n{}", path, carried_entries(path, value, {}));
  std::string text;
  for (const auto& item : value.items) text += fmt::format("\n[[{}]]\n{}", path, carried_entries(path, item, {}));
  return text;
}

}  // namespace

std::string carried_entries(const std::string& path, const ConfigNode& table,
                            std::initializer_list<std::string_view> asked) {
  std::string lines, blocks;
  for (const auto& entry : table.entries) {
    if (std::ranges::find(asked, entry.key) != asked.end()) continue;
    const auto key = toml_key(entry.key);
    if (stands_apart(entry.value))
      blocks += block(path + "." + key, entry.value);
    else
      lines += fmt::format("{} = {}\n", key, to_toml(entry.value));
  }
  return lines + blocks;
}

std::string carried_further(const std::string& path, const ConfigNode& array) {
  auto rest = array;
  if (!rest.items.empty()) rest.items.erase(rest.items.begin());
  return rest.items.empty() ? std::string() : block(path, rest);
}

bool leave_out(ConfigNode& root, std::string_view table, std::initializer_list<std::string_view> keys) {
  std::size_t count = 0;
  for (auto& entry : root.entries) {
    if (entry.key != table) continue;
    auto& first = entry.value.items.empty() ? entry.value : entry.value.items.front();
    count += std::erase_if(first.entries,
                           [keys](const auto& each) { return std::ranges::find(keys, each.key) != keys.end(); });
  }
  return count > 0;
}

std::string carried_tables(const ConfigNode& root, std::initializer_list<std::string_view> asked) {
  std::string blocks;
  for (const auto& entry : root.entries)
    if (stands_apart(entry.value) && std::ranges::find(asked, entry.key) == asked.end())
      blocks += block(toml_key(entry.key), entry.value);
  return blocks;
}

}  // namespace ticketd
