#include "store/erasure_columns.h"

#include <fmt/format.h>

namespace ticketd {
namespace {

/// What `function` makes of the column's values, where that is anything.
std::string replacing_update(const StoredColumn& column, std::string_view function, std::string_view condition) {
  return fmt::format(R"(UPDATE "{0}" SET "{1}" = {2}("{1}") WHERE {3} AND {2}("{1}") IS NOT NULL)", column.table,
                     column.column, function, condition);
}

/// In the rows of some tickets. A name beside another address is another person's.
void add_ticket_updates(std::string_view function, std::string_view tickets, std::vector<std::string>& updates) {
  for (const auto& table : kTicketTables)
    for (const auto& column : kStoredColumns)
      if (column.table == table.table && column.kind == ColumnKind::text)
        updates.push_back(
            replacing_update(column, function, fmt::format("{} IN (SELECT number FROM {})", table.ticket, tickets)));
}

}  // namespace

std::vector<std::string> name_updates() {
  std::vector<std::string> updates;
  for (const auto& column : kStoredColumns)
    if (column.kind == ColumnKind::name)
      updates.push_back(fmt::format(R"(UPDATE "{0}" SET "{1}" = '' WHERE "{1}" <> '' AND is_his("{2}") IS NOT NULL)",
                                    column.table, column.column, column.beside));
  return updates;
}

std::vector<std::string> address_updates() {
  std::vector<std::string> updates;
  for (const auto& column : kStoredColumns) {
    if (column.kind == ColumnKind::address)
      updates.push_back(
          fmt::format(R"(UPDATE "{0}" SET "{1}" = ?1 WHERE is_his("{1}") IS NOT NULL)", column.table, column.column));
    // Two spellings that become one are one row then.
    if (column.kind == ColumnKind::sender)
      updates.push_back(
          fmt::format(R"(UPDATE OR REPLACE "{0}" SET "{1}" = ?1 WHERE is_his_sender(ltrim("{1}", '?')) IS NOT NULL)",
                      column.table, column.column));
  }
  return updates;
}

std::vector<std::string> text_updates() {
  std::vector<std::string> updates;
  add_ticket_updates("redact_in_his", "his_tickets", updates);  // first: a subject is found as a whole
  add_ticket_updates("redact_named", "known_tickets", updates);
  for (const auto& column : kStoredColumns)
    if (column.kind == ColumnKind::text || column.kind == ColumnKind::name || column.kind == ColumnKind::id)
      updates.push_back(replacing_update(column, "redact", "true"));
  return updates;
}

}  // namespace ticketd
