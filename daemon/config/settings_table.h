#pragma once

#include <string>
#include <vector>

#include "daemon/config/config_node.h"

namespace ticketd {

/// What there is to say about one key of the configuration. A table's keys are its children.
struct SettingRow {
  std::string key;
  std::string type;
  std::string allowed;         ///< completes "it must be …"
  std::string doc;             ///< one sentence or two
  ConfigNode default_value{};  ///< absent: there is none
  ConfigNode example{};        ///< absent: the default serves
  bool required = false;
  bool repeated = false;  ///< [[key]]
  bool in_use = false;    ///< not commented out in the example; required ones never are
  std::vector<SettingRow> children{};
};

/// The whole table of settings, in the order in which people would write them.
[[nodiscard]] std::vector<SettingRow> settings_table();

/// The configuration that shows every key with its meaning, type and default: what is shipped as the example.
[[nodiscard]] std::string commented_example();

}  // namespace ticketd
