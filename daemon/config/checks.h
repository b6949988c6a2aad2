#pragma once

#include <filesystem>
#include <string_view>

#include "daemon/config/config_node.h"
#include "daemon/config/problems.h"
#include "daemon/config/settings.h"

namespace ticketd {

/// What goes over several keys: names that must be unique, secrets in the clear, keys that make each other useless.
/// Values that are wrong by themselves have been told before, and are passed over here.
void check_settings(const ConfigNode& root, const std::filesystem::path& base, Problems& problems);

/// The part of it about each IMAP and SMTP server.
void check_servers(const ConfigNode& root, const std::filesystem::path& base, Problems& problems);

/// A host to which nothing leaves the machine: localhost, 127.0.0.0/8, ::1.
[[nodiscard]] bool is_loopback(std::string_view host);

/// Why secrets may not go to that URL; empty: they may.
[[nodiscard]] std::string fault_of_token_url(std::string_view url);

/// The files of secrets: whether they are there, and kept from others.
void check_secrets(const ConfigNode& root, Problems& problems);

}  // namespace ticketd
