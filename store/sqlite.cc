#include "store/sqlite.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <exception>
#include <limits>
#include <thread>

#include "store/store.h"

namespace ticketd {
namespace {

/// The statement on one line, cut: what an error names it by. Values are never part of it.
std::string brief(std::string_view sql) {
  std::string line;
  for (const char c : sql.substr(0, 200)) {
    const bool space = c == ' ' || c == '\n';
    if (space && (line.empty() || line.back() == ' ')) continue;
    line += space ? ' ' : c;
  }
  return line.substr(0, 80);
}

/// The WAL is copied back once it has so many frames (16 MB).
constexpr int kLongWal = 4000;

/// Errors at which SQLite undoes the whole transaction, and after which the search index may still have some of it in
/// memory.
bool ends_writing(int code) {
  const int kind = code & 0xff;
  return kind == SQLITE_IOERR || kind == SQLITE_FULL || kind == SQLITE_NOMEM;
}

/// From here on every write fails: nothing that follows in a transaction is committed without what was before it.
void end_writing(sqlite3* database) {
  if (sqlite3_get_autocommit(database) == 0) sqlite3_exec(database, "ROLLBACK", nullptr, nullptr, nullptr);
  sqlite3_exec(database, "PRAGMA query_only = ON", nullptr, nullptr, nullptr);
}

[[noreturn]] void fail(sqlite3* database, int code, std::string_view what) {
  const auto message = fmt::format("{} (SQLite {}): {}", sqlite3_errmsg(database), code, brief(what));
  if (ends_writing(code)) end_writing(database);
  if (code == SQLITE_CORRUPT_VTAB)
    throw SearchIndexDamaged("the search index is damaged ('ticketctl check --repair' makes it anew): " + message);
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw StoreBusy("the store is locked by another process: " + message);
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
      throw ValueRefused("the store refuses a value: " + message);
    case SQLITE_FULL:
      throw StoreError("the store's disk is full: " + message);
    case SQLITE_READONLY:
      throw StoreError("the store can't be written to, or only after a new start: " + message);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      throw StoreDamaged("the store's file is damaged or no database: " + message);
    default:
      throw StoreError("the store can't go on: " + message);
  }
}

void check(sqlite3* database, int code, std::string_view what) {
  if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE) fail(database, code, what);
}

void check(sqlite3_stmt* statement, int code) { check(sqlite3_db_handle(statement), code, sqlite3_sql(statement)); }

bool keeps_wal(sqlite3* database) {
  int keeps = 0;
  sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, -1, &keeps);
  return keeps != 0;
}

/// What can't be copied now, because somebody reads or there is no space, stays in the WAL. After a failed sync all of
/// it does, for the next start to copy from the beginning: the disk may lack what was copied before, and a repeated
/// sync succeeds all the same.
int copy_wal_back(sqlite3* database) {
  if (keeps_wal(database)) return SQLITE_IOERR;
  const int code = sqlite3_wal_checkpoint_v2(database, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  const int kind = code & 0xff;
  if (kind == SQLITE_BUSY || kind == SQLITE_LOCKED || kind == SQLITE_FULL) return SQLITE_OK;
  if (kind == SQLITE_IOERR) {
    sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    end_writing(database);
  }
  return code;
}

/// After each commit. SQLite's own does the same, but hides errors and tries again at the next commit. An error is that
/// of the statement that has committed.
int watch_wal(void* commits, sqlite3* database, const char*, int frames) {
  ++*static_cast<std::uint64_t*>(commits);
  return frames < kLongWal ? SQLITE_OK : copy_wal_back(database);
}

/// Without counts of memory, which nobody asks for, and which take a lock at each allocation.
bool set_up_library() { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK; }

sqlite3_destructor_type keep(bool copy) { return copy ? SQLITE_TRANSIENT : SQLITE_STATIC; }

}  // namespace

Rows::~Rows() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

bool Rows::next() {
  column_ = 0;
  const int code = sqlite3_step(statement_);
  check(statement_, code);
  return code == SQLITE_ROW;
}

std::int64_t Rows::integer() { return sqlite3_column_int64(statement_, column_++); }

std::string_view Rows::view() {
  const int column = column_++;
  const auto* octets = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  return octets == nullptr
             ? std::string_view()
             : std::string_view(octets, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
}

std::string Rows::text() { return std::string(view()); }

std::optional<std::int64_t> Rows::optional_integer() {
  const int column = column_++;
  if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return std::nullopt;
  return sqlite3_column_int64(statement_, column);
}

std::optional<Time> Rows::optional_time() {
  const auto value = optional_integer();
  return value ? std::optional(Time{Duration{*value}}) : std::nullopt;
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Statement::Statement(sqlite3* database, std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(database, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &statement, nullptr);
  statement_.reset(statement);
  check(database, code, sql);
}

void Statement::bind(int index, std::string_view value, Copy copy) {
  // SQLite takes a null pointer for NULL, an empty string_view may hold one.
  const char* text = value.data() == nullptr ? "" : value.data();
  check(statement_.get(),
        sqlite3_bind_text64(statement_.get(), index, text, value.size(), keep(copy == Copy::yes), SQLITE_UTF8));
}

void Statement::bind(int index, Blob value, Copy copy) {
  const char* octets = value.octets.data() == nullptr ? "" : value.octets.data();
  check(statement_.get(),
        sqlite3_bind_blob64(statement_.get(), index, octets, value.octets.size(), keep(copy == Copy::yes)));
}

void Statement::bind_null(int index) { check(statement_.get(), sqlite3_bind_null(statement_.get(), index)); }

void Statement::bind_integer(int index, std::int64_t value) {
  check(statement_.get(), sqlite3_bind_int64(statement_.get(), index, value));
}

std::int64_t Statement::finish() {
  Rows rows(statement_.get());
  while (rows.next()) {
  }
  return sqlite3_changes64(sqlite3_db_handle(statement_.get()));
}

void Database::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

Database::Database(const std::string& path, const Options& options) {
  [[maybe_unused]] static const bool kIsSetUp = set_up_library();
  const int access = options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3* database = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &database, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, options.vfs);
  database_.reset(database);
  check(database, code, "open " + path);
  set_busy_timeout(options.busy_timeout);
  sqlite3_busy_handler(database, wait_for_lock, patience_.get());
  sqlite3_wal_hook(database, watch_wal, commits_.get());
  sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, options.protects_indexes ? 1 : 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  // Plans do not depend on values: else a statement is compiled again whenever another one is bound.
  sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_QPSG, 1, nullptr);
}

void Database::set_busy_timeout(std::chrono::milliseconds timeout) {
  constexpr std::chrono::milliseconds kLongest{std::numeric_limits<int>::max()};
  patience_->timeout = std::clamp(timeout, std::chrono::milliseconds{0}, kLongest);
}

/// As sqlite3_busy_timeout does it, in steps that get longer, but for the end that somebody else may set meanwhile.
int Database::wait_for_lock(void* patience, int waits_before) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds kLongest{100};
  auto& [timeout, end, since] = *static_cast<Patience*>(patience);
  const auto now = Clock::now();
  if (waits_before == 0) since = now;
  const auto until = std::min(since + timeout, end.load());
  if (now >= until) return 0;
  const auto step = std::min<Clock::duration>(std::chrono::milliseconds{1 + 5 * waits_before}, kLongest);
  std::this_thread::sleep_for(std::min(step, until - now));
  return 1;
}

void Database::execute(const std::string& script) {
  check(database_.get(), sqlite3_exec(database_.get(), script.c_str(), nullptr, nullptr, nullptr), script);
}

std::int64_t Database::integer(std::string_view sql) {
  auto statement = prepare(sql);
  auto rows = statement.query();
  return rows.next() ? rows.integer() : 0;
}

std::int64_t Database::last_insert_id() const { return sqlite3_last_insert_rowid(database_.get()); }

bool Database::in_transaction() const { return sqlite3_get_autocommit(database_.get()) == 0; }

std::string Database::path() const { return sqlite3_db_filename(database_.get(), "main"); }

void Database::checkpoint_passively() { check(database_.get(), copy_wal_back(database_.get()), "checkpoint"); }

void Database::add_function(const std::string& name, Function function) {
  const auto call = [](sqlite3_context* context, int, sqlite3_value** values) {
    const auto* octets = static_cast<const char*>(sqlite3_value_blob(values[0]));
    const auto size = static_cast<std::size_t>(sqlite3_value_bytes(values[0]));
    try {
      const auto& called = *static_cast<const Function*>(sqlite3_user_data(context));
      const auto result = called(octets == nullptr ? std::string_view() : std::string_view(octets, size));
      if (!result) return sqlite3_result_null(context);
      sqlite3_result_text64(context, result->data(), result->size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    } catch (const std::exception& error) {
      sqlite3_result_error(context, error.what(), -1);
    }
  };
  const auto free = [](void* kept) { delete static_cast<Function*>(kept); };
  const int code = sqlite3_create_function_v2(database_.get(), name.c_str(), 1, SQLITE_UTF8 | SQLITE_DIRECTONLY,
                                              new Function(std::move(function)), call, nullptr, nullptr, free);
  check(database_.get(), code, name);
}

void Database::copy_to(Database& target) {
  auto* const copying = sqlite3_backup_init(target.database_.get(), "main", database_.get(), "main");
  if (copying == nullptr) fail(target.database_.get(), sqlite3_errcode(target.database_.get()), "copy");
  // In one step: it reads one state of a database in WAL mode, and keeps nobody from writing.
  static_cast<void>(sqlite3_backup_step(copying, -1));
  check(target.database_.get(), sqlite3_backup_finish(copying), "copy");
}

bool Database::empty_wal() {
  const int code = sqlite3_wal_checkpoint_v2(database_.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  if ((code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED) return false;
  check(database_.get(), code, "checkpoint");
  return true;
}

void Database::leave_wal_at_close() {
  sqlite3_db_config(database_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

void Database::release_memory() { sqlite3_db_release_memory(database_.get()); }

}  // namespace ticketd
