#pragma once

#include <span>
#include <string>
#include <string_view>

namespace ticketd {

/// What a server says, with "***" for each of `secrets` that it quotes: as they are, escaped as in IMAP's quoted
/// strings (RFC 9051 §4.3), or inside of Base64, as SASL sends them (RFC 4616, RFC 7628).
[[nodiscard]] std::string without_secrets(std::string_view text, std::span<const std::string_view> secrets);

}  // namespace ticketd
