#include "daemon/manual/settings_manual.h"

#include <fmt/format.h>

#include "daemon/config/setting_facts.h"
#include "daemon/manual/roff.h"

namespace ticketd {
namespace {

std::string key_entry(const SettingRow& row) {
  return fmt::format(".TP\n.B {}\n{}.br\n{}", roff::typed(row.key), roff::text_line(row.doc),
                     roff::text_line(setting_facts(row, true)));
}

std::string table_section(const SettingRow& row, const std::string& path) {
  std::string keys, tables;
  for (const SettingRow& child : row.children) {
    if (child.children.empty())
      keys += key_entry(child);
    else
      tables += table_section(child, path + '.' + child.key);
  }
  const std::string header = row.repeated ? "[[" + path + "]]" : "[" + path + "]";
  return fmt::format(".SS {}\n{}{}{}", roff::typed(header), roff::text_line(row.doc), keys, tables);
}

}  // namespace

std::string settings_manual() {
  std::string out;
  for (const SettingRow& row : settings_table()) out += table_section(row, row.key);
  return out;
}

}  // namespace ticketd
