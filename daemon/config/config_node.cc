#include "daemon/config/config_node.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "parsers/ascii.h"

namespace ticketd {
namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (is_control(c)) {
      out += fmt::format("\\u{:04X}", static_cast<unsigned char>(c));
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string joined(const ConfigNode& node) {
  std::string out;
  for (const ConfigNode& item : node.items) out += (out.empty() ? "" : ", ") + to_toml(item);
  for (const ConfigEntry& entry : node.entries)
    out += fmt::format("{}{} = {}", out.empty() ? "" : ", ", toml_key(entry.key), to_toml(entry.value));
  return out;
}

}  // namespace

ConfigNode ConfigNode::list(std::initializer_list<const char*> texts) {
  ConfigNode node = empty(Kind::list);
  node.items.assign(texts.begin(), texts.end());
  return node;
}

ConfigNode ConfigNode::empty(Kind kind) {
  ConfigNode node;
  node.kind = kind;
  return node;
}

const ConfigNode& ConfigNode::operator[](std::string_view key) const {
  static const ConfigNode kAbsent;
  const auto found = std::ranges::find(entries, key, &ConfigEntry::key);
  return found == entries.end() ? kAbsent : found->value;
}

bool ConfigNode::is_array_of_tables() const {
  return kind == Kind::list && !items.empty() &&
         std::ranges::all_of(items, [](const ConfigNode& item) { return item.kind == Kind::table; });
}

void merge_config(ConfigNode& into, ConfigNode later) {
  if (into.is_array_of_tables() && later.is_array_of_tables()) {
    std::ranges::move(later.items, std::back_inserter(into.items));
    return;
  }
  if (into.kind != ConfigNode::Kind::table || later.kind != ConfigNode::Kind::table) {
    into = std::move(later);
    return;
  }
  for (ConfigEntry& entry : later.entries) {
    const auto known = std::ranges::find(into.entries, entry.key, &ConfigEntry::key);
    if (known == into.entries.end())
      into.entries.push_back(std::move(entry));
    else
      merge_config(known->value, std::move(entry.value));
  }
}

std::string_view describe(ConfigNode::Kind kind) {
  switch (kind) {
    case ConfigNode::Kind::absent:
      return "nothing";
    case ConfigNode::Kind::text:
      return "text";
    case ConfigNode::Kind::integer:
      return "a whole number";
    case ConfigNode::Kind::real:
      return "a number";
    case ConfigNode::Kind::boolean:
      return "a boolean";
    case ConfigNode::Kind::date:
      return "a date or time";
    case ConfigNode::Kind::list:
      return "a list";
    case ConfigNode::Kind::table:
      return "a table";
  }
  return {};
}

std::string toml_key(std::string_view key) {
  const auto is_bare = [](char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-'; };
  return !key.empty() && std::ranges::all_of(key, is_bare) ? std::string(key) : quoted(key);
}

std::string to_toml(const ConfigNode& node) {
  switch (node.kind) {
    case ConfigNode::Kind::absent:
      return {};
    case ConfigNode::Kind::text:
      return quoted(node.text);
    case ConfigNode::Kind::integer:
      return fmt::format("{}", node.integer);
    case ConfigNode::Kind::real:
      return fmt::format("{}", node.real);
    case ConfigNode::Kind::boolean:
      return node.boolean ? "true" : "false";
    case ConfigNode::Kind::date:
      return node.text;
    case ConfigNode::Kind::list:
      return fmt::format("[{}]", joined(node));
    case ConfigNode::Kind::table:
      return fmt::format("{{ {} }}", joined(node));
  }
  return {};
}

}  // namespace ticketd
