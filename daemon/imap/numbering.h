#pragma once

#include <optional>

#include "store/store.h"

namespace ticketd {

// RFC 9051 §2.3.1.1: under one UIDVALIDITY no UID ever names a second mail, and UIDVALIDITY never goes back. A server
// that was restored from a backup breaks both. The ledger then begins anew under a UIDVALIDITY of its own, derived from
// the server's: what is known is recognised by its content, and no new mail hides behind an old one's number.

/// How many numberings the ledger can tell apart under one UIDVALIDITY of a server.
inline constexpr unsigned kNumberings = 2048;

/// What the ledger calls the server's UIDVALIDITY in its `nth` numbering (below kNumberings); itself for 0.
[[nodiscard]] UidValidity ledger_validity(UidValidity server, unsigned nth);

/// Which numbering of the server's UIDVALIDITY this is; nullopt: it belongs to another UIDVALIDITY.
[[nodiscard]] std::optional<unsigned> numbering_in(UidValidity ledger, UidValidity server);

}  // namespace ticketd
