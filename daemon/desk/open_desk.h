#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "daemon/config/settings.h"
#include "daemon/desk/desk.h"

namespace ticketd {

/// What the desk works with, made of the configuration. Throws std::runtime_error when a template can't be used.
[[nodiscard]] std::shared_ptr<const DeskRules> make_desk_rules(const Settings& settings);

/// 128 bits in hex, from the system's random source. Throws std::runtime_error.
[[nodiscard]] std::string random_token();

/// A desk on the store at `path` with the system's clock and random source. Throws StoreError, std::runtime_error.
[[nodiscard]] std::unique_ptr<Desk> open_desk(const Settings& settings, const std::filesystem::path& path,
                                              const Store::Options& options = {});

}  // namespace ticketd
