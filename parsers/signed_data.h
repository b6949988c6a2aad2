#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ticketd {

/// The content of an opaque signature (RFC 8551 §3.5.2), which is what was written: an entity with header and body.
/// `ber` is its SignedData (RFC 5652 §5.1), BER or DER. nullopt for what is encrypted, compressed, detached or damaged.
/// Neither the signature nor its certificates are looked at. Linear, without recursion.
[[nodiscard]] std::optional<std::string> signed_content(std::string_view ber);

}  // namespace ticketd
