#pragma once

#include <chrono>
#include <filesystem>

#include "store/sqlite.h"

/// The search index is made of the messages: Store::index_messages fills an empty one. All functions throw StoreError
/// or StoreBusy.
namespace ticketd {

/// Whether all of it can be read, and holds as many words as were put into it. Writes nothing to the store.
[[nodiscard]] bool is_search_index_whole(Database& store);

/// So long a person waits for a locked store.
constexpr std::chrono::milliseconds kMendingPatience{5'000};

/// Whatever is in it, and be it so damaged that SQLite refuses the table.
void empty_search_index(const std::filesystem::path& store, std::chrono::milliseconds patience = kMendingPatience);

/// Empties one that is damaged; whether it was. A database without an index has none to mend.
bool mend_search_index(const std::filesystem::path& store);

}  // namespace ticketd
