#pragma once

#include <filesystem>

#include "store/sqlite.h"
#include "store/store.h"

namespace ticketd {

/// Stands beside a damaged store while its log is moved aside, for without it committed mails would seem to be lost.
[[nodiscard]] std::filesystem::path restoring_mark(const std::filesystem::path& store);

/// Throws StoreError when a restore was killed at that moment.
void refuse_half_restored(const std::filesystem::path& store);

/// Opens the store's file, creating it with mode 0660 when it is not there, and brings its schema to the newest
/// version. Throws StoreError with what to do when the file is no store, or one of a newer ticketd.
[[nodiscard]] Database open_database(const std::filesystem::path& path, const Store::Options& options);

/// The schema's version; 0 for an empty file. Throws StoreError when the file is no store, or one of a newer ticketd.
[[nodiscard]] std::int64_t schema_version(Database& database, const std::filesystem::path& path);

}  // namespace ticketd
