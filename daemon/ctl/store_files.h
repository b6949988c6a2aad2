#pragma once

#include <filesystem>

#include "daemon/ctl/session.h"

namespace ticketd {

/// The store's own file, whatever links lead to it. Throws CommandFailure (66) when there is none.
[[nodiscard]] std::filesystem::path existing_store(const Settings& settings);
/// A store that root has just made belongs to whom its directory belongs to, for the daemon does not run as root.
/// Throws CommandFailure (77).
void hand_over_to_directory_owner(const std::filesystem::path& store);
/// Throws CommandFailure (65) when the file is the store, or one of those that belong to it, by whatever name.
void refuse_store_itself(const std::filesystem::path& file, const std::filesystem::path& store);
/// What a store's error means to the caller. Rethrows what it does not know.
[[noreturn]] void fail_of_store(const std::exception_ptr& error);

}  // namespace ticketd
