#include "daemon/config/toml_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>
#include <toml++/toml.h>

namespace ticketd {
namespace {

constexpr std::size_t kLargestFile = 1 << 20;

SourceAt place(const toml::source_region& source, std::uint32_t file) {
  return {file, std::max(source.begin.line, 1u), std::max(source.begin.column, 1u)};
}

template <class Value>
std::string iso(const Value& value) {
  std::ostringstream out;
  out << value;
  return std::move(out).str();
}

ConfigNode node_of(const toml::node& node, std::uint32_t file);

ConfigNode table_of(const toml::table& table, std::uint32_t file) {
  ConfigNode out = ConfigNode::empty(ConfigNode::Kind::table);
  for (const auto& [key, value] : table)
    out.entries.push_back({std::string(key.str()), place(key.source(), file), node_of(value, file)});
  return out;
}

ConfigNode list_of(const toml::array& array, std::uint32_t file) {
  ConfigNode out = ConfigNode::empty(ConfigNode::Kind::list);
  for (const toml::node& item : array) out.items.push_back(node_of(item, file));
  return out;
}

ConfigNode integer_of(std::int64_t value) {
  ConfigNode out = ConfigNode::empty(ConfigNode::Kind::integer);
  out.integer = value;
  return out;
}

ConfigNode date_of(std::string text) {
  ConfigNode out = ConfigNode::empty(ConfigNode::Kind::date);
  out.text = std::move(text);
  return out;
}

ConfigNode value_of(const toml::node& node, std::uint32_t file) {
  switch (node.type()) {
    case toml::node_type::none:
      return {};
    case toml::node_type::table:
      return table_of(*node.as_table(), file);
    case toml::node_type::array:
      return list_of(*node.as_array(), file);
    case toml::node_type::string:
      return ConfigNode(node.as_string()->get());
    case toml::node_type::integer:
      return integer_of(node.as_integer()->get());
    case toml::node_type::floating_point:
      return ConfigNode(node.as_floating_point()->get());
    case toml::node_type::boolean:
      return ConfigNode(node.as_boolean()->get());
    case toml::node_type::date:
      return date_of(iso(node.as_date()->get()));
    case toml::node_type::time:
      return date_of(iso(node.as_time()->get()));
    case toml::node_type::date_time:
      return date_of(iso(node.as_date_time()->get()));
  }
  return {};
}

ConfigNode node_of(const toml::node& node, std::uint32_t file) {
  ConfigNode out = value_of(node, file);
  out.at = place(node.source(), file);
  return out;
}

// Throws std::runtime_error.
std::string slurp(const std::filesystem::path& file) {
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) throw std::runtime_error("is a directory, where a file is expected");
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  if (!in && errno == ENOENT) throw std::runtime_error("does not exist; \"ticketctl setup\" asks, and writes one");
  if (!in) throw std::runtime_error(fmt::format("cannot be read: {}", std::strerror(errno)));
  std::string text(kLargestFile + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kLargestFile)
    throw std::runtime_error("is larger than 1 MiB, the most that a configuration file may be");
  return text;
}

ConfigNode read_one(const std::filesystem::path& file, Problems& problems) {
  const std::uint32_t number = problems.add_file(file.string());
  try {
    return parse_toml(slurp(file), number, problems);
  } catch (const std::runtime_error& error) {
    problems.unreadable({number}, fmt::format("the file {}", error.what()));
  }
  return ConfigNode::empty(ConfigNode::Kind::table);
}

std::vector<std::filesystem::path> drop_ins(const std::filesystem::path& folder, Problems& problems) {
  std::vector<std::filesystem::path> out;
  std::error_code error;
  for (std::filesystem::directory_iterator i(folder, error), end; !error && i != end; i.increment(error))
    if (i->path().extension() == ".toml") out.push_back(i->path());
  if (error && error != std::errc::no_such_file_or_directory)
    problems.unreadable({problems.add_file(folder.string())},
                        fmt::format("the folder cannot be read: {}", error.message()));
  std::ranges::sort(out);
  return out;
}

ConfigNode with_drop_ins(ConfigNode whole, const std::filesystem::path& file, Problems& problems) {
  for (const std::filesystem::path& drop_in : drop_ins(file.parent_path() / "conf.d", problems))
    merge_config(whole, read_one(drop_in, problems));
  return whole;
}

}  // namespace

ConfigNode parse_toml(std::string_view text, std::uint32_t file, Problems& problems) {
  try {
    return node_of(toml::parse(text), file);
  } catch (const toml::parse_error& error) {
    problems.unreadable(place(error.source(), file), fmt::format("this is not TOML: {}", error.description()));
  }
  return ConfigNode::empty(ConfigNode::Kind::table);
}

ConfigNode read_config_files(const std::filesystem::path& file, Problems& problems) {
  return with_drop_ins(read_one(file, problems), file, problems);
}

ConfigNode read_config_draft(std::string_view text, const std::filesystem::path& file, Problems& problems) {
  return with_drop_ins(parse_toml(text, problems.add_file(file.string()), problems), file, problems);
}

}  // namespace ticketd
