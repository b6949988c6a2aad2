#include "store/schema.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <thread>

#include "store/embedded_migrations.h"

namespace ticketd {
namespace {

/// PRAGMA application_id of a store: "tikd".
constexpr std::int64_t kApplicationId = 0x74696b64;

/// SQLite gives -wal and -shm the mode of the file they belong to.
void create_file(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0660);
  if (file < 0) throw StoreError(fmt::format("cannot open {}: {}", path.string(), std::strerror(errno)));
  ::close(file);
}

std::int64_t version_of(const EmbeddedFile& migration) {
  std::int64_t version = 0;
  std::from_chars(migration.name.data(), migration.name.data() + migration.name.size(), version);
  return version;
}

/// The switch to WAL needs the file for itself and does not wait by itself: two processes may open a new store at once.
void switch_to_wal(Database& database, std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds kPause{10};
  for (auto waited = std::chrono::milliseconds{0};; waited += kPause) {
    try {
      database.execute("PRAGMA journal_mode = WAL");
      return;
    } catch (const StoreBusy&) {
      if (waited >= patience) throw;
    }
    std::this_thread::sleep_for(kPause);
  }
}

void set_up_connection(Database& database, const Store::Options& options) {
  database.execute(
      "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; "
      "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000; PRAGMA secure_delete = FAST");
  if (options.read_only) return;
  switch_to_wal(database, options.busy_timeout);
  // A commit is durable before it is acknowledged.
  database.execute("PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864");
}

void apply_migration(Database& database, const std::filesystem::path& path, const EmbeddedFile& migration) {
  database.execute("BEGIN IMMEDIATE");
  try {
    // Another process may have been faster.
    if (schema_version(database, path) < version_of(migration)) {
      database.execute(std::string(migration.text));
      database.execute(
          fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", kApplicationId, version_of(migration)));
    }
    database.execute("COMMIT");
  } catch (...) {
    if (database.in_transaction()) database.execute("ROLLBACK");
    throw;
  }
}

std::string naming(const std::filesystem::path& path, const std::string& what) {
  return what.find(path.string()) != std::string::npos ? what : path.string() + ": " + what;
}

}  // namespace

std::filesystem::path restoring_mark(const std::filesystem::path& store) { return store.string() + ".restoring"; }

void refuse_half_restored(const std::filesystem::path& store) {
  std::error_code ignored;
  const auto mark = restoring_mark(std::filesystem::weakly_canonical(store, ignored));
  if (std::filesystem::exists(mark, ignored))
    throw StoreError(fmt::format("{}: a restore of it was ended half-way ({} is there): run 'ticketctl restore' again",
                                 store.string(), mark.string()));
}

std::int64_t schema_version(Database& database, const std::filesystem::path& path) {
  const auto application = database.integer("PRAGMA application_id");
  const auto version = database.integer("PRAGMA user_version");
  const bool empty = database.integer("SELECT count(*) FROM sqlite_schema") == 0;
  if (application != kApplicationId && !(empty && application == 0 && version == 0))
    throw StoreError(path.string() + " is a database, but not a store of ticketd");
  const auto newest = version_of(embedded_migrations().back());
  if (version > newest)
    throw StoreError(
        fmt::format("{} has schema {}, this ticketd knows schemas up to {}: it was written by a newer "
                    "version; install that one, or restore a backup",
                    path.string(), version, newest));
  return version;
}

Database open_database(const std::filesystem::path& path, const Store::Options& options) {
  if (path != ":memory:") refuse_half_restored(path);
  if (!options.read_only && path != ":memory:") create_file(path);
  try {
    Database database(path.string(), {options.read_only, options.busy_timeout, options.vfs});
    set_up_connection(database, options);
    const auto version = schema_version(database, path);
    // A process that was killed may have left a commit in the WAL that it did not live to sync: what is read from now
    // on has to survive a power cut too.
    if (!options.read_only && options.recovers) database.checkpoint_passively();
    for (const auto& migration : embedded_migrations()) {
      if (version >= version_of(migration)) continue;
      if (options.read_only)
        throw StoreError(path.string() + " has an older schema: let ticketd start once, it brings it up to date");
      apply_migration(database, path, migration);
    }
    return database;
  } catch (const StoreBusy&) {
    throw;
  } catch (const StoreDamaged& error) {
    throw StoreDamaged(naming(path, error.what()));
  } catch (const StoreError& error) {
    throw StoreError(naming(path, error.what()));
  }
}

}  // namespace ticketd
