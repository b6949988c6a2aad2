#include "store/store.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>

#include "store/impl.h"
#include "store/schema.h"

namespace ticketd {

std::int64_t message_key(std::string_view message_id) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(message_id.data()), message_id.size(), digest.data());
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < sizeof key; ++i) key = key << 8 | digest[i];
  return static_cast<std::int64_t>(key);
}

Store::Impl::Impl(const std::filesystem::path& path, const Options& options)
    : busy_timeout(options.busy_timeout), database(open_database(path, options)) {}

Statement& Store::Impl::statement(const sql::Text& text) {
  const auto found = statements.find(&text);
  if (found != statements.end()) return found->second;
  if (std::ranges::find(sql::all, &text) == sql::all.end())
    throw std::logic_error("a statement that sql::all does not list");
  return statements.emplace(&text, database.prepare(text)).first->second;
}

void Store::Impl::begin() {
  if (database.in_transaction()) throw std::logic_error("a transaction inside another");
  run(sql::begin);
}

void Store::Impl::commit() {
  const auto before = database.commits();
  try {
    run(sql::commit);
  } catch (const StoreError& error) {
    if (database.commits() == before) throw;
    throw CommittedStoreError(error.what());
  }
}

void Store::Impl::roll_back() noexcept {
  if (!database.in_transaction()) return;  // SQLite has done it already (full disk, I/O error)
  try {
    run(sql::rollback);
  } catch (const std::exception&) {  // nothing is written: the file's next reader rolls back
  }
}

WriteScope::WriteScope(Store::Impl& impl) : impl_(impl), open_(!impl.database.in_transaction()) {
  if (open_) impl_.begin();
}

WriteScope::~WriteScope() {
  if (open_) impl_.roll_back();
}

void WriteScope::done() {
  if (!open_) return;
  impl_.commit();
  open_ = false;
}

Store::Store(const std::filesystem::path& path) : Store(path, Options()) {}
Store::Store(const std::filesystem::path& path, const Options& options)
    : impl_(std::make_unique<Impl>(path, options)) {}
Store::~Store() = default;
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;

void Store::stop_waiting_at(std::chrono::steady_clock::time_point end) { impl_->database.stop_waiting_at(end); }

Store::Transaction::Transaction(Store& store) : store_(&store) { store_->impl_->begin(); }

Store::Transaction::~Transaction() {
  if (!done_) store_->impl_->roll_back();
}

void Store::Transaction::commit() {
  store_->impl_->commit();
  done_ = true;
}

Store::Savepoint::Savepoint(Store& store) : store_(&store) { store_->impl_->run(sql::savepoint); }

Store::Savepoint::~Savepoint() {
  if (done_ || !store_->impl_->database.in_transaction()) return;
  try {
    store_->impl_->run(sql::rollback_to);
    store_->impl_->run(sql::release);
  } catch (const std::exception&) {  // half a mail must never be committed
    store_->impl_->roll_back();
  }
}

void Store::Savepoint::release() {
  store_->impl_->run(sql::release);
  done_ = true;
}

void Store::tidy() {
  impl_->database.checkpoint_passively();
  impl_->database.release_memory();
  impl_->compressor.release_memory();
}

}  // namespace ticketd
