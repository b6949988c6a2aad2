#pragma once

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "store/embedded_migrations.h"
#include "tests/store/store_reference.h"

// Stores as earlier versions of ticketd have left them: tests/store/schemas/NNNN*.sql, whole databases as text.
namespace ticketd {

struct OldStore {
  std::string name;  ///< of its file
  std::int64_t schema = 0;
  std::string script;
};

inline std::int64_t number_in_front(std::string_view name) {
  std::int64_t number = 0;
  std::from_chars(name.data(), name.data() + name.size(), number);
  return number;
}

inline std::int64_t newest_schema() { return number_in_front(embedded_migrations().back().name); }

/// By schema, the oldest first.
inline std::vector<OldStore> old_stores() {
  std::vector<OldStore> stores;
  for (const auto& file : std::filesystem::directory_iterator(TESTS_DIR "/store/schemas")) {
    if (file.path().extension() != ".sql") continue;
    std::ostringstream text;
    text << std::ifstream(file.path()).rdbuf();
    const auto name = file.path().filename().string();
    stores.push_back({name, number_in_front(name), std::move(text).str()});
  }
  std::ranges::sort(stores, {}, &OldStore::schema);
  return stores;
}

/// And each of them at the schemas that came later, but for the newest: as whoever left out updates has it.
inline std::vector<OldStore> stores_of_all_schemas() {
  auto stores = old_stores();
  for (const auto& dumped : old_stores()) {
    auto old = dumped;
    for (const auto& migration : embedded_migrations()) {
      const auto schema = number_in_front(migration.name);
      if (schema <= dumped.schema || schema == newest_schema()) continue;
      old.schema = schema;
      old.script += fmt::format("\nBEGIN;\n{}\nPRAGMA user_version = {};\nCOMMIT;\n", migration.text, schema);
      old.name = fmt::format("{} at schema {}", dumped.name, schema);
      stores.push_back(old);
    }
  }
  return stores;
}

/// By a connection that may do all that the script of `sqlite3 .dump` needs.
inline void unpack(const OldStore& old, const std::filesystem::path& path, const char* vfs = nullptr) {
  sqlite3* database = nullptr;
  int code = sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs);
  const std::string script = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;\n" + old.script;
  if (code == SQLITE_OK) code = sqlite3_exec(database, script.c_str(), nullptr, nullptr, nullptr);
  const std::string what = sqlite3_errmsg(database);
  sqlite3_close(database);
  if (code != SQLITE_OK) throw std::runtime_error(old.name + ": " + what);
}

inline std::string read_text(Database& database, std::string_view sql) {
  auto statement = database.prepare(sql);
  auto rows = statement.query();
  return rows.next() ? rows.text() : std::string();
}

/// Everything that a schema consists of; SQLite makes the tables of the search index by itself.
inline std::string schema_of(Database& database) {
  return read_text(database,
                   "SELECT group_concat(line, char(10)) FROM (SELECT type || ' ' || name || ': ' || ifnull(sql, '') AS "
                   "line FROM sqlite_schema WHERE name NOT LIKE 'message_search_%' ORDER BY type, name)");
}

/// The schema that the migrations up to this one make of nothing.
inline std::string schema_by_migrations(std::int64_t up_to) {
  Database database(":memory:", {});
  for (const auto& migration : embedded_migrations())
    if (number_in_front(migration.name) <= up_to) database.execute(std::string(migration.text));
  return schema_of(database);
}

/// The table's rows as statements.
inline std::string dump_table(Database& database, const std::string& table) {
  const auto values = read_text(
      database,
      "SELECT group_concat('quote(\"' || name || '\")', ' || '', '' || ') FROM pragma_table_info('" + table + "')");
  auto statement = database.prepare(fmt::format("SELECT {0} FROM {1} ORDER BY 1", values, table));
  auto rows = statement.query();
  std::string script;
  while (rows.next()) script += fmt::format("INSERT INTO {} VALUES ({});\n", table, rows.view());
  return script;
}

/// A whole store as text: its tables with their rows, then what belongs to them, so that no trigger sees those rows.
inline std::string dump_store(Database& database) {
  std::string script = "PRAGMA foreign_keys = OFF;\nBEGIN;\n";
  const auto add = [&](const char* which) {
    auto statement =
        database.prepare(std::string("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE "
                                     "'message_search_%' AND type ") +
                         which + " ORDER BY rowid");
    auto rows = statement.query();
    while (rows.next()) {
      const auto name = rows.text();
      script += rows.text() + ";\n";
      if (std::string_view(which).starts_with("=") && name != "message_search") script += dump_table(database, name);
    }
  };
  add("= 'table'");
  add("<> 'table'");
  script +=
      "INSERT INTO message_search (rowid, subject, text) SELECT id, subject, text FROM messages\n"
      "  WHERE id <= (SELECT indexed_up_to FROM search_progress);\n";
  for (const auto* number : {"application_id", "user_version"})
    script += fmt::format("PRAGMA {0} = {1};\n", number, database.integer(fmt::format("PRAGMA {}", number)));
  return script + "COMMIT;\n";
}

}  // namespace ticketd
