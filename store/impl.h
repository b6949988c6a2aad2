#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "store/compression.h"
#include "store/key_filter.h"
#include "store/sqlite.h"
#include "store/statements.h"
#include "store/store.h"

namespace ticketd {

/// A store's connection and what it keeps between calls.
struct Store::Impl {
  Impl(const std::filesystem::path& path, const Options& options);

  /// The prepared statement of one of `sql::all`; prepared at first use.
  Statement& statement(const sql::Text& text);
  template <class... Values>
  std::int64_t run(const sql::Text& text, const Values&... values) {
    return statement(text).run(values...);
  }
  template <class... Values>
  [[nodiscard]] Rows query(const sql::Text& text, const Values&... values) {
    return statement(text).query(values...);
  }
  template <class... Values>
  std::int64_t insert(const sql::Text& text, const Values&... values) {
    statement(text).run(values...);
    return database.last_insert_id();
  }

  void begin();
  void commit();
  void roll_back() noexcept;

  // Shared by several topics.
  std::optional<TicketRow> load_ticket(TicketId number);
  /// As it is decided about: of the organization that has it by today's naming.
  std::optional<TicketRow> load_ticket_to_change(TicketId number);
  [[nodiscard]] std::string owner_of(std::string_view organization, std::string_view requester) const;
  /// Lower-case addresses, the requester first.
  std::vector<std::string> load_participants(const Ticket& ticket);
  TicketId next_number();
  /// The ticket that has the conversation of `number` now: that itself, unless it was merged into another.
  TicketId conversation_of(TicketId number);
  std::optional<Undeliverable> load_undeliverable(std::string_view address);
  std::vector<Incident> load_open_incidents();  ///< by number
  std::optional<Time> load_downgrade(std::string_view organization);
  /// False: no mail with a Message-ID of that key was ever recorded.
  bool may_know(std::int64_t key);
  OrganizationRecord load_record(std::string_view organization, Time strikes_since, Time now);

  const std::chrono::milliseconds busy_timeout;
  OrganizationNaming naming;
  Database database;
  Compressor compressor;
  std::unordered_map<const sql::Text*, Statement> statements;
  std::optional<std::size_t> fresh_keys;  ///< about so many rows of fresh_mail_keys; nullopt: not counted yet
  bool merging_keys = false;              ///< until few are left
  bool keys_are_filtered = false;         ///< all of mail_keys; once they are, they remain so
  KeptFilters key_filters;
  std::int64_t filters_version = 0;  ///< of what is kept there: PRAGMA data_version
};

/// What a function with several writes runs in: the caller's transaction, or one of its own that `done` commits.
class WriteScope {
 public:
  explicit WriteScope(Store::Impl& impl);
  ~WriteScope();
  WriteScope(const WriteScope&) = delete;
  WriteScope& operator=(const WriteScope&) = delete;
  void done();

 private:
  Store::Impl& impl_;
  bool open_;  ///< a transaction of our own that is not committed yet
};

/// For what can wait itself: a locked store is told at once.
class Impatience {
 public:
  explicit Impatience(Store::Impl& impl) : impl_(impl) { impl_.database.set_busy_timeout({}); }
  ~Impatience() { impl_.database.set_busy_timeout(impl_.busy_timeout); }
  Impatience(const Impatience&) = delete;
  Impatience& operator=(const Impatience&) = delete;

 private:
  Store::Impl& impl_;
};

/// Under what staff_news has a sender or an organization.
[[nodiscard]] std::string news_key(std::string_view whose, bool is_unproven);

/// Automatic answers of all tickets are counted in spans: the start of the one of `at`.
[[nodiscard]] Time answer_span(Time at);

/// Of the first row; 0 when there is none.
[[nodiscard]] inline std::int64_t read_integer(Rows rows) { return rows.next() ? rows.integer() : 0; }

/// First 64 bits of the SHA-256 of a message id: what mail_keys has of it. Persistent, do not change.
[[nodiscard]] std::int64_t message_key(std::string_view message_id);

}  // namespace ticketd
