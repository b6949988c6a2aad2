#pragma once

#include <filesystem>

#include "store/sqlite.h"
#include "store/store.h"

namespace ticketd {

/// Opens the store's file, creating it with mode 0660 when it is not there, and brings its schema to the newest
/// version. Throws StoreError with what to do when the file is no store, or one of a newer ticketd.
[[nodiscard]] Database open_database(const std::filesystem::path& path, const Store::Options& options);

}  // namespace ticketd
