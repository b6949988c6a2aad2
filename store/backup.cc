#include "store/backup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "store/schema.h"

namespace ticketd {
namespace {

/// No longer than anybody else waits for a locked store: who restores one keeps it locked until all have given up.
constexpr std::chrono::milliseconds kPatience{5'000};

bool has_rollback_mode(Database& database, std::string_view pragma) {
  auto statement = database.prepare(pragma);
  auto rows = statement.query();
  return rows.next() && rows.view() == "delete";
}

[[noreturn]] void fail_of_wal(const std::filesystem::path& path) {
  throw StoreBusy(path.string() + ": others keep its write-ahead log in use");
}

/// Its file is all of it from now on.
void leave_wal_mode(Database& database, const std::filesystem::path& path) {
  if (!has_rollback_mode(database, "PRAGMA journal_mode = DELETE")) fail_of_wal(path);
}

void require_no_wal(Database& database, const std::filesystem::path& path) {
  if (!has_rollback_mode(database, "PRAGMA journal_mode") || std::filesystem::exists(path.string() + "-wal"))
    fail_of_wal(path);
}

std::vector<LeaseRecord> read_leases(const std::filesystem::path& store) {
  Store::Options options;
  options.read_only = true;
  try {
    return Store(store, options).leases();
  } catch (const StoreError&) {  // none that could be used
    return {};
  }
}

/// The lease mail of a daemon that was killed is still in the mailbox, and may be newer than the backup. Whose copy is
/// of another desk waits for it as everybody does.
void carry_leases(const std::filesystem::path& copy, const std::filesystem::path& replaced) {
  Store store(copy);
  const auto own = store.leases();
  for (const auto& lease : read_leases(replaced))
    if (own.empty() || own.front().holder == lease.holder) store.write_lease(lease);
}

}  // namespace

void copy_store(const std::filesystem::path& store, const std::filesystem::path& copy) {
  refuse_half_restored(store);
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
    throw StoreDamaged(fmt::format("{} is damaged: integrity_check does not say ok", store.string()));
  if (database.integer("SELECT count(*) FROM (SELECT 1 FROM pragma_foreign_key_check LIMIT 1)") != 0)
    throw StoreDamaged(fmt::format("{} is damaged: a row names another one that is not there", store.string()));
  facts.tickets = database.integer("SELECT count(*) FROM tickets");
  facts.messages = database.integer("SELECT count(*) FROM messages");
  facts.ledger_entries = database.integer("SELECT count(*) FROM ledger");
  facts.unsent_mails = database.integer("SELECT count(*) FROM outbox WHERE state <> 'sent' AND dropped = 0");
  return facts;
}

std::int64_t prepare_restored(const std::filesystem::path& copy, const std::filesystem::path& replaced, Time now) {
  carry_leases(copy, replaced);
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
  impl_->database.leave_wal_at_close();  // where it can't be copied back, it goes aside
  // No lock is given up between the steps: whoever got in there would begin a new log.
  impl_->database.execute("PRAGMA locking_mode = EXCLUSIVE");
  leave_wal_mode(impl_->database, store);
  impl_->database.execute("BEGIN EXCLUSIVE");
  require_no_wal(impl_->database, store);
}

FoldedStore::~FoldedStore() = default;

BarredStore::BarredStore(const std::filesystem::path& store)
    : descriptor_(::open(store.c_str(), O_RDWR | O_CLOEXEC | O_NOCTTY)) {
  if (descriptor_ < 0) throw StoreError(fmt::format("cannot open {}: {}", store.string(), std::strerror(errno)));
  // sqlite.org/fileformat2.html#the_lock_byte_page: with these octets nobody else has a lock, not even to read.
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = 0x40000000;
  lock.l_len = 512;
  if (::fcntl(descriptor_, F_OFD_SETLK, &lock) == 0) return;
  ::close(descriptor_);
  throw StoreBusy(store.string() + " is in use");
}

BarredStore::~BarredStore() { ::close(descriptor_); }

}  // namespace ticketd
