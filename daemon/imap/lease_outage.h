#pragma once

#include "store/lease_record.h"

namespace ticketd {

/// A look at the leases that came to nothing: the server can't be reached, or refuses what it takes.
struct LeaseOutage {
  Tenure tenure = Tenure::unknown;  ///< before it
  bool is_stale = false;            ///< held, but not renewed for as long as a lease holds
  bool is_tried = false;            ///< this try began lately: it was not the end of one from before a pause
  bool knows_rival = false;         ///< who takes over a lease that is not renewed
  bool is_reached = false;          ///< the server answers us, if not about leases: then it answers the rival too
  bool is_patience_over = false;    ///< at the start, or after another mailbox was won: of who knows nothing yet
};

/// An outage stops nothing: what is known holds on for as long as a lease does, and then the desk works as if it were
/// alone. But where somebody waits who can reach the server, that one works by then; of a server that nobody reaches
/// nothing is known, and what is in the store is sent meanwhile.
[[nodiscard]] Tenure tenure_without_look(const LeaseOutage& outage);

}  // namespace ticketd
