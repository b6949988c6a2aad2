#include <algorithm>

#include <fmt/format.h>

#include "daemon/config/setting_facts.h"

namespace ticketd {
namespace {

constexpr std::size_t kWidth = 110;

constexpr auto kIntroduction =
    R"(# The configuration of ticketd, with every key. Copy what you need to /etc/ticketd/ticketd.toml, or to a file
# *.toml in the folder conf.d beside it: those are merged in name order, lists of tables append, and of any other
# key the last one counts. `ticketd --check` tells all that is wrong.
#
# Keys that are commented out show their default, or an example of use where a default is named.
# Durations: "200ms", "90s", "30m", "2h", "3d". Sizes: "500KB", "25MB".
)";

std::string wrapped(const std::string& start, std::string_view words) {
  std::string out, line = start;
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    if (line.size() + 1 + end > kWidth && line != start) {
      out += line + '\n';
      line = start;
    }
    line += ' ';
    line += words.substr(0, end);
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return out + line + '\n';
}

// A list that is too long for a line, on several.
std::string long_list(const std::string& start, const std::string& key, const ConfigNode& list) {
  std::string out = fmt::format("{}{} = [\n", start, key), line = start;
  for (const ConfigNode& item : list.items) {
    const std::string text = to_toml(item) + ',';
    if (line.size() + 1 + text.size() > kWidth && line != start) {
      out += line + '\n';
      line = start;
    }
    line += (line == start ? "" : " ") + text;
  }
  return fmt::format("{}{}\n{}]\n", out, line, start);
}

std::string key_lines(const SettingRow& row, bool commented) {
  const ConfigNode& value = row.example.absent() ? row.default_value : row.example;
  const std::string start = commented || !(row.required || row.in_use) ? "#" : "";
  std::string line = fmt::format("{}{} = {}\n", start, row.key, to_toml(value));
  if (line.size() > kWidth && value.kind == ConfigNode::Kind::list) line = long_list(start, row.key, value);
  return wrapped("#", row.doc) + wrapped("#", setting_facts(row, !row.example.absent())) + line;
}

std::string table_lines(const SettingRow& row, const std::string& path, bool commented) {
  std::string keys, tables;
  const bool optional = row.repeated ? !row.required : row.default_value.absent();
  commented = commented || optional;
  for (const SettingRow& child : row.children) {
    if (child.children.empty())
      keys += '\n' + key_lines(child, commented);
    else
      tables += '\n' + table_lines(child, path + '.' + child.key, commented);
  }
  std::string doc = wrapped("#", row.doc);
  if (keys.empty()) return doc + tables;
  const std::string header = row.repeated ? "[[" + path + "]]" : "[" + path + "]";
  return fmt::format("{}{}{}\n{}{}", doc, commented ? "#" : "", header, keys, tables);
}

}  // namespace

std::string setting_facts(const SettingRow& row, bool with_default) {
  std::string out = row.allowed;
  const bool is_literal = out.find("://") < out.find(' ');  // what is to be written as it stands
  if (!is_literal) out[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(out[0])));
  if (row.required) out += "; required";
  if (!row.default_value.absent() && with_default) out += "; default " + to_toml(row.default_value);
  return out + '.';
}

std::string commented_example() {
  std::string out = kIntroduction;
  for (const SettingRow& row : settings_table()) out += "\n\n" + table_lines(row, row.key, false);
  return out;
}

}  // namespace ticketd
