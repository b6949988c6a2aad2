#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace ticketd {

/// Reads all of a store, while others may work on it, and writes nothing: what is wrong with it, a sentence each, so
/// many at most for each kind. Empty: it is sound. Throws StoreError, StoreBusy;
/// StoreDamaged when it can't even be read.
[[nodiscard]] std::vector<std::string> find_damage(const std::filesystem::path& store, std::size_t most_of_each = 5);

/// Removes the filters of Message-IDs when one of them is damaged or lacks a key; whether it did. They are made anew by
/// Store::filter_mail_keys; without one, the index itself is asked. A store of an older schema has none to mend.
bool mend_key_filters(const std::filesystem::path& store);

}  // namespace ticketd
