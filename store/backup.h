#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "parsers/time.h"

/// Copies of a store. All functions throw StoreError or StoreBusy.
namespace ticketd {

/// What a store holds.
struct StoreFacts {
  std::int64_t schema = 0;
  std::int64_t tickets = 0;
  std::int64_t messages = 0;
  std::int64_t ledger_entries = 0;
  std::int64_t unsent_mails = 0;
};

/// Copies what is committed now into the empty file `copy`, which is whole by itself afterwards (no -wal). Others may
/// work on the store meanwhile.
void copy_store(const std::filesystem::path& store, const std::filesystem::path& copy);

/// Reads all of a store that nobody works on, writing nothing. Throws StoreError when it is damaged, no store, or one
/// of a newer ticketd; an older schema is good.
[[nodiscard]] StoreFacts verify_store(const std::filesystem::path& store);

/// Makes a copy fit to take the place of `replaced`: brings its schema up to date, takes over what that one knows of
/// the leases on its mailboxes, and marks what was not sent when the copy was made as failed, for it may have been sent
/// since. How many mails that were.
std::int64_t prepare_restored(const std::filesystem::path& copy, const std::filesystem::path& replaced, Time now);

/// A store that nobody else can open: its WAL is copied back and gone, so that its file alone is all of it. Throws
/// StoreBusy while another process has it open, StoreDamaged when SQLite can't read it.
class FoldedStore {
 public:
  explicit FoldedStore(const std::filesystem::path& store);
  ~FoldedStore();
  FoldedStore(const FoldedStore&) = delete;
  FoldedStore& operator=(const FoldedStore&) = delete;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A store that nobody else can open, as a file that SQLite itself may find too damaged for it. Throws StoreBusy while
/// another process has it open.
class BarredStore {
 public:
  explicit BarredStore(const std::filesystem::path& store);
  ~BarredStore();
  BarredStore(const BarredStore&) = delete;
  BarredStore& operator=(const BarredStore&) = delete;

 private:
  int descriptor_;
};

}  // namespace ticketd
