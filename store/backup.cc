#include "store/backup.h"

#include <fmt/format.h>

#include "store/schema.h"

namespace ticketd {
namespace {

constexpr std::chrono::milliseconds kPatience{10'000};

/// Its file is all of it from now on.
void leave_wal_mode(Database& database, const std::filesystem::path& path) {
  auto leave = database.prepare("PRAGMA journal_mode = DELETE");
  if (auto rows = leave.query(); rows.next() && rows.view() == "delete") return;
  throw StoreBusy(path.string() + ": others keep its write-ahead log in use");
}

}  // namespace

void copy_store(const std::filesystem::path& store, const std::filesystem::path& copy) {
  Database source(store.string(), {true, kPatience, nullptr});
  Database target(copy.string(), {false, kPatience, nullptr});
  target.execute("PRAGMA synchronous = FULL");
  source.copy_to(target);
  target.execute("PRAGMA journal_mode = DELETE");
}

StoreFacts verify_store(const std::filesystem::path& store) {
  Database database(store.string(), {true, kPatience, nullptr});
  StoreFacts facts;
  facts.schema = schema_version(database, store);
  if (facts.schema == 0) throw StoreError(store.string() + " is empty");
  auto check = database.prepare("PRAGMA integrity_check(1)");
  if (auto rows = check.query(); !rows.next() || rows.view() != "ok")
    throw StoreError(fmt::format("{} is damaged: integrity_check does not say ok", store.string()));
  if (database.integer("SELECT count(*) FROM (SELECT 1 FROM pragma_foreign_key_check LIMIT 1)") != 0)
    throw StoreError(fmt::format("{} is damaged: a row names another one that is not there", store.string()));
  facts.tickets = database.integer("SELECT count(*) FROM tickets");
  facts.messages = database.integer("SELECT count(*) FROM messages");
  facts.ledger_entries = database.integer("SELECT count(*) FROM ledger");
  facts.unsent_mails = database.integer("SELECT count(*) FROM outbox WHERE state <> 'sent' AND dropped = 0");
  return facts;
}

std::int64_t prepare_restored(const std::filesystem::path& copy, Time now) {
  auto database = open_database(copy, {});
  auto hold_back = database.prepare(
      "UPDATE outbox SET state = 'failed', next_attempt_at = NULL, changed_at = ?1, last_error = 'held back by "
      "restore: "
      "it waited when the backup was made, and may have been sent since' WHERE state <> 'sent' AND state <> 'failed' "
      "AND dropped = 0");
  const auto held_back = hold_back.run(now);
  leave_wal_mode(database, copy);
  return held_back;
}

struct FoldedStore::Impl {
  Database database;
};

FoldedStore::FoldedStore(const std::filesystem::path& store)
    : impl_(new Impl{Database(store.string(), {false, kPatience, nullptr})}) {
  leave_wal_mode(impl_->database, store);
  impl_->database.execute("BEGIN EXCLUSIVE");
}

FoldedStore::~FoldedStore() = default;

}  // namespace ticketd
