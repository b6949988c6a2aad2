#pragma once

#include <stdexcept>

namespace ticketd {

/// The store can't go on: I/O error, corruption, full disk, a newer schema. The daemon stops acting and exits.
class StoreError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};
/// The file does not hold what was written to it: trying again never helps, a backup does.
class StoreDamaged : public StoreError {
 public:
  using StoreError::StoreError;
};
/// The same of the search index alone, which is made of the messages (store/search_index.h).
class SearchIndexDamaged : public StoreDamaged {
 public:
  using StoreDamaged::StoreDamaged;
};
/// Another process held the write lock longer than the busy timeout; nothing was changed, try again.
class StoreBusy : public StoreError {
 public:
  using StoreError::StoreError;
};

/// As StoreError, but the transaction is committed: what broke is what follows a commit.
class CommittedStoreError : public StoreError {
 public:
  using StoreError::StoreError;
};

/// A value that the tables can't hold (a broken constraint, far too large): the fault of that value, not of the store.
/// The statement changed nothing; what else its mail wrote goes with the mail's savepoint.
class ValueRefused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace ticketd
