#include "daemon/imap/numbering.h"

namespace ticketd {

namespace {

// Servers count UIDVALIDITY up from 1 or take the seconds since 1970: all stay below 2^31 until 2038. The highest bit
// marks what is the ledger's own, the next eleven hold the numbering, laid over the server's. Persistent, do not
// change.
constexpr std::uint32_t kOwn = 0x8000'0000;
constexpr unsigned kNumberingShift = 20;
static_assert(kNumberings == 1U << (31 - kNumberingShift));

}  // namespace

UidValidity ledger_validity(UidValidity server, unsigned nth) {
  if (nth == 0) return server;
  return UidValidity{kOwn | (static_cast<std::uint32_t>(server) ^ (nth << kNumberingShift))};
}

std::optional<unsigned> numbering_in(UidValidity ledger, UidValidity server) {
  if (ledger == server) return 0;
  const auto own = static_cast<std::uint32_t>(ledger);
  const std::uint32_t difference = (own ^ static_cast<std::uint32_t>(server)) & ~kOwn;
  const unsigned nth = difference >> kNumberingShift;
  if ((own & kOwn) == 0 || nth == 0 || difference != nth << kNumberingShift) return std::nullopt;
  return nth;
}

}  // namespace ticketd
