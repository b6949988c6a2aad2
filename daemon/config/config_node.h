#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace ticketd {

/// Where something stands: `file` counts in the order of reading, line and column from 1 (column in characters).
struct SourceAt {
  std::uint32_t file = 0;
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  auto operator<=>(const SourceAt&) const = default;
};

struct ConfigEntry;

/// A value of a configuration file with its place, free of the TOML library. Which of the fields holds the value is
/// said by `kind`; dates and times are kept as `text` in their ISO form.
struct ConfigNode {
  enum class Kind { absent, text, integer, real, boolean, date, list, table };
  Kind kind = Kind::absent;
  SourceAt at;
  std::string text;
  std::int64_t integer = 0;
  double real = 0;
  bool boolean = false;
  std::vector<ConfigNode> items;
  std::vector<ConfigEntry> entries;

  ConfigNode() = default;
  ConfigNode(const char* value) : kind(Kind::text), text(value) {}
  ConfigNode(std::string value) : kind(Kind::text), text(std::move(value)) {}
  ConfigNode(int value) : kind(Kind::integer), integer(value) {}
  ConfigNode(double value) : kind(Kind::real), real(value) {}
  ConfigNode(bool value) : kind(Kind::boolean), boolean(value) {}
  [[nodiscard]] static ConfigNode list(std::initializer_list<const char*> texts);
  [[nodiscard]] static ConfigNode empty(Kind kind);

  [[nodiscard]] bool absent() const { return kind == Kind::absent; }
  /// The value of that key in a table; an absent node when there is none or this is no table.
  [[nodiscard]] const ConfigNode& operator[](std::string_view key) const;
  /// Is this a list of tables, with at least one?
  [[nodiscard]] bool is_array_of_tables() const;
};

struct ConfigEntry {
  std::string key;
  SourceAt at;
  ConfigNode value;
};

/// Lays a later file over an earlier one: tables merge, arrays of tables append, everything else is replaced.
void merge_config(ConfigNode& into, ConfigNode later);

/// "text", "a number", … for messages.
[[nodiscard]] std::string_view describe(ConfigNode::Kind kind);

/// The key as TOML, in quotes where it needs them.
[[nodiscard]] std::string toml_key(std::string_view key);

/// The value as TOML on one line; empty for an absent one.
[[nodiscard]] std::string to_toml(const ConfigNode& node);

}  // namespace ticketd
