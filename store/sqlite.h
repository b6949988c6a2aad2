#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "parsers/time.h"

struct sqlite3;
struct sqlite3_stmt;

namespace ticketd {

/// A value that is bound as BLOB. Does not own.
struct Blob {
  std::string_view octets;
};

/// The rows of a running statement; resets it at scope exit. Columns are read left to right, one call each.
class Rows {
 public:
  explicit Rows(sqlite3_stmt* statement) : statement_(statement) {}
  ~Rows();
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  [[nodiscard]] bool next();  ///< goes to the next row; false after the last
  std::int64_t integer();
  std::string text();
  /// Text or BLOB; lives until next() or scope exit.
  std::string_view view();
  std::optional<std::int64_t> optional_integer();
  Time time() { return Time{Duration{integer()}}; }
  std::optional<Time> optional_time();
  template <class Id>
  Id id() {
    return static_cast<Id>(static_cast<std::underlying_type_t<Id>>(integer()));
  }

 private:
  sqlite3_stmt* statement_;
  int column_ = 0;
};

/// One prepared statement. Values reach SQL by binding only.
class Statement {
 public:
  Statement(sqlite3* database, std::string_view sql);

  /// Runs it to its end; the number of rows that it changed.
  template <class... Values>
  std::int64_t run(const Values&... values) {
    bind_all(Copy::no, values...);
    return finish();
  }
  template <class... Values>
  [[nodiscard]] Rows query(const Values&... values) {
    bind_all(Copy::yes, values...);
    return Rows(statement_.get());
  }

 private:
  enum class Copy { no, yes };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };

  template <class... Values>
  void bind_all([[maybe_unused]] Copy copy, const Values&... values) {
    [[maybe_unused]] int index = 0;
    (bind(++index, values, copy), ...);
  }
  template <class Value>
  void bind(int index, const std::optional<Value>& value, Copy copy) {
    if (value)
      bind(index, *value, copy);
    else
      bind_null(index);
  }
  template <class Integer>
  requires std::is_integral_v<Integer>
  void bind(int index, Integer value, Copy) { bind_integer(index, static_cast<std::int64_t>(value)); }
  /// Strong identifiers only: named enums are bound by their names.
  template <class Id>
  requires std::is_enum_v<Id>
  void bind(int index, Id value, Copy) { bind_integer(index, static_cast<std::int64_t>(value)); }
  void bind(int index, Time value, Copy) { bind_integer(index, value.time_since_epoch().count()); }
  void bind(int index, Duration value, Copy) { bind_integer(index, value.count()); }
  void bind(int index, std::string_view value, Copy copy);
  void bind(int index, Blob value, Copy copy);
  void bind_null(int index);
  void bind_integer(int index, std::int64_t value);
  std::int64_t finish();

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// One connection. Throws as Store does.
class Database {
 public:
  struct Options {
    bool read_only = false;
    std::chrono::milliseconds busy_timeout{};
    const char* vfs = nullptr;
    bool protects_indexes = true;  ///< what FTS5 keeps in tables of its own can't be written by others
  };
  Database(const std::string& path, const Options& options);

  void execute(const std::string& script);     ///< several statements, no values
  std::int64_t integer(std::string_view sql);  ///< first column of the first row; 0 without one
  [[nodiscard]] Statement prepare(std::string_view sql) { return Statement(database_.get(), sql); }
  [[nodiscard]] std::int64_t last_insert_id() const;
  [[nodiscard]] bool in_transaction() const;
  [[nodiscard]] std::string path() const;  ///< empty in memory
  /// That have written something; the one of a statement that failed of what follows a commit counts.
  [[nodiscard]] std::uint64_t commits() const { return *commits_; }
  /// Moves what no reader needs from the WAL to the database, without waiting for anybody.
  void checkpoint_passively();
  /// The WAL stays as it is when the connection ends, even where nobody else has the database open.
  void leave_wal_at_close();
  void release_memory();
  void set_busy_timeout(std::chrono::milliseconds timeout);
  /// From then on a lock is waited for no longer, whatever the busy timeout is. From any thread, also while one is
  /// being waited for.
  void stop_waiting_at(std::chrono::steady_clock::time_point end) { patience_->end = end; }

  /// An SQL function of one value, text or BLOB, with a text as its result; nullopt: NULL. What it throws ends the
  /// statement with that message.
  using Function = std::function<std::optional<std::string>(std::string_view)>;
  void add_function(const std::string& name, Function function);
  /// What is committed now, page by page, into an empty database; others may read and write this one meanwhile.
  void copy_to(Database& target);
  /// Moves the whole WAL to the database and cuts it to nothing; false when somebody else reads or writes for longer
  /// than the busy timeout.
  [[nodiscard]] bool empty_wal();

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  struct Patience {
    std::chrono::milliseconds timeout{};
    std::atomic<std::chrono::steady_clock::time_point> end{std::chrono::steady_clock::time_point::max()};
    std::chrono::steady_clock::time_point since{};  ///< the present wait
  };
  static int wait_for_lock(void* patience, int waits_before);
  std::unique_ptr<std::uint64_t> commits_ = std::make_unique<std::uint64_t>(0);  ///< the connection holds on to it
  std::unique_ptr<Patience> patience_ = std::make_unique<Patience>();            ///< likewise
  std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace ticketd
