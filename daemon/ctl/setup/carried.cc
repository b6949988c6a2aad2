#include "daemon/ctl/setup/carried.h"

#include <fmt/format.h>

#include <algorithm>

#include "parsers/ascii.h"

namespace ticketd {
namespace {

std::string key_of(const std::string& key) {
  const auto is_bare = [](char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-'; };
  return !key.empty() && std::ranges::all_of(key, is_bare) ? key : to_toml(ConfigNode(key));
}

/// On one line.
std::string value_of(const ConfigNode& node) {
  std::string text;
  const auto add = [&text](const std::string& item) { text += (text.empty() ? "" : ", ") + item; };
  if (node.kind == ConfigNode::Kind::list) {
    for (const auto& item : node.items) add(value_of(item));
    return "[" + text + "]";
  }
  if (node.kind == ConfigNode::Kind::table) {
    for (const auto& entry : node.entries) add(key_of(entry.key) + " = " + value_of(entry.value));
    return "{ " + text + " }";
  }
  return to_toml(node);
}

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
    const auto key = key_of(entry.key);
    if (stands_apart(entry.value))
      blocks += block(path.empty() ? key : path + "." + key, entry.value);
    else
      lines += fmt::format("{} = {}\n", key, value_of(entry.value));
  }
  return lines + blocks;
}

std::string carried_further(const std::string& path, const ConfigNode& array) {
  auto rest = array;
  if (!rest.items.empty()) rest.items.erase(rest.items.begin());
  return rest.items.empty() ? std::string() : block(path, rest);
}

std::string carried_tables(const ConfigNode& root, std::initializer_list<std::string_view> asked) {
  return carried_entries("", root, asked);
}

}  // namespace ticketd
