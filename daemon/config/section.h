#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "daemon/config/near_miss.h"
#include "daemon/config/settings_table.h"
#include "daemon/config/value_type.h"

namespace ticketd {

/// What messages about settings that must be there, and are not, say behind the name.
inline constexpr std::string_view kIsMissing = " is missing; ";

/// One key of a table of the configuration and the place in T that it fills.
template <class T>
class Setting {
 public:
  Setting(SettingRow row, std::function<void(T&, const ConfigNode&, const Reading&)> read)
      : row_(std::move(row)), read_(std::move(read)) {}

  /// The value when the key is absent. Without one T stays as it is made.
  Setting otherwise(ConfigNode value) && {
    row_.default_value = std::move(value);
    return std::move(*this);
  }
  /// What the example shows instead of the default.
  Setting example(ConfigNode value) && {
    row_.example = std::move(value);
    return std::move(*this);
  }
  /// The example shows it in use, though it is not required.
  Setting in_use() && {
    row_.in_use = true;
    return std::move(*this);
  }
  Setting required() && {
    row_.required = true;
    return std::move(*this);
  }

  [[nodiscard]] const SettingRow& row() const { return row_; }
  void read(T& into, const ConfigNode& node, const Reading& reading) const { read_(into, node, reading); }

 private:
  SettingRow row_;
  std::function<void(T&, const ConfigNode&, const Reading&)> read_;
};

template <class T>
using Section = std::vector<Setting<T>>;

/// `mailbox` + `url` → `mailbox.url`.
[[nodiscard]] inline std::string join_path(const std::string& table, const std::string& key) {
  return table.empty() ? key : table + '.' + key;
}

/// A key that holds a value of `type` and fills `member`, which T or a base of it has.
template <class T, class V, class Member>
Setting<T> key(std::string name, ValueType<V> type, Member member, std::string doc) {
  SettingRow row{.key = std::move(name), .type = type.name, .allowed = type.allowed, .doc = std::move(doc)};
  auto read = [type = std::move(type), member](T& into, const ConfigNode& node, const Reading& reading) {
    if (std::optional<V> value = type.read(node, reading)) std::invoke(member, into) = std::move(*value);
  };
  return {std::move(row), std::move(read)};
}

/// The same for a plain data member.
template <class T, class V, class M>
Setting<T> key(std::string name, ValueType<V> type, M T::*member, std::string doc) {
  return key<T, V, M T::*>(std::move(name), std::move(type), member, std::move(doc));
}

/// Tells keys that the section does not have.
void tell_unknown_keys(const ConfigNode& table, const std::vector<SettingRow>& rows, const Reading& reading);
/// Tells a key that is required and absent, or set without having an effect.
void tell_presence(const ConfigNode& table, const SettingRow& row, const Reading& reading);
/// Tells a node that is no table; the answer is whether it is one.
[[nodiscard]] bool tell_unless_table(const ConfigNode& node, const Reading& reading);

template <class T>
std::vector<SettingRow> rows_of(const Section<T>& section) {
  std::vector<SettingRow> rows;
  for (const Setting<T>& setting : section) rows.push_back(setting.row());
  return rows;
}

/// Reads a table into `into`: unknown keys and missing ones are told, defaults fill what is absent.
template <class T>
void read_section(const Section<T>& section, T& into, const ConfigNode& node, const Reading& reading) {
  if (!tell_unless_table(node, reading)) return;
  tell_unknown_keys(node, rows_of(section), reading);
  for (const Setting<T>& setting : section) {
    const Reading inner{reading.problems, join_path(reading.path, setting.row().key), reading.base};
    tell_presence(node, setting.row(), reading);
    const ConfigNode& value = node[setting.row().key];
    if (!value.absent())
      setting.read(into, value, inner);
    else if (!setting.row().default_value.absent())
      setting.read(into, setting.row().default_value, inner);
  }
}

/// A key that holds a table, read by `section` into what `member` gives.
template <class T, class U, class Member>
Setting<T> table(std::string name, Section<U> section, Member member, std::string doc) {
  SettingRow row{.key = std::move(name), .type = "table", .allowed = "a table", .doc = std::move(doc)};
  row.default_value = ConfigNode::empty(ConfigNode::Kind::table);
  row.children = rows_of(section);
  auto shared = std::make_shared<const Section<U>>(std::move(section));
  auto read = [shared, member](T& into, const ConfigNode& node, const Reading& reading) {
    read_section<U>(*shared, std::invoke(member, into), node, reading);
  };
  return {std::move(row), std::move(read)};
}

/// A key that holds tables ([[name]]), each of which adds an element to what `member` gives.
template <class T, class U, class Member>
Setting<T> tables(std::string name, Section<U> section, Member member, std::string doc) {
  SettingRow row{.key = name,
                 .type = "tables",
                 .allowed = "one or more tables under headers [[" + name + "]]",
                 .doc = std::move(doc)};
  row.repeated = true;
  row.children = rows_of(section);
  auto shared = std::make_shared<const Section<U>>(std::move(section));
  auto read = [shared, member](T& into, const ConfigNode& node, const Reading& reading) {
    if (node.kind != ConfigNode::Kind::list) {
      tell_wrong(node, reading, "a list of tables, each under a header [[" + reading.path + "]]",
                 ConfigNode::Kind::list);
      return;
    }
    for (const ConfigNode& item : node.items)
      read_section<U>(*shared, std::invoke(member, into).emplace_back(), item, reading);
  };
  return {std::move(row), std::move(read)};
}

/// The settings of a part U of T, as settings of T.
template <class T, class U, class Member>
Section<T> settings_of_part(const Section<U>& section, Member member) {
  Section<T> out;
  for (const Setting<U>& setting : section) {
    auto read = [setting, member](T& into, const ConfigNode& node, const Reading& reading) {
      setting.read(std::invoke(member, into), node, reading);
    };
    out.emplace_back(setting.row(), std::move(read));
  }
  return out;
}

template <class T>
Section<T> operator+(Section<T> first, const Section<T>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace ticketd
