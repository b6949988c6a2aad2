#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "daemon/config/config_node.h"

/// What stands in a configuration already, written down again: comments and the order of tables are lost.
namespace ticketd {

/// The entries of a table whose header is written already, but for those with the `asked` keys: first the lines, then
/// the tables below it. `path`: of the table, "smtp".
[[nodiscard]] std::string carried_entries(const std::string& path, const ConfigNode& table,
                                          std::initializer_list<std::string_view> asked);
/// Whole tables: the second and further ones of an array.
[[nodiscard]] std::string carried_further(const std::string& path, const ConfigNode& array);
/// Takes entries out of a table, or out of the first of an array of tables; true: there was one.
[[nodiscard]] bool leave_out(ConfigNode& root, std::string_view table, std::initializer_list<std::string_view> keys);
/// The tables of the file itself. What else may stand there, behind which they could not: an empty list, which says
/// nothing.
[[nodiscard]] std::string carried_tables(const ConfigNode& root, std::initializer_list<std::string_view> asked);

}  // namespace ticketd
