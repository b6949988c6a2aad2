#include "daemon/imap/lease_outage.h"

namespace ticketd {

Tenure tenure_without_look(const LeaseOutage& outage) {
  switch (outage.tenure) {
    case Tenure::unknown:
      return outage.is_patience_over ? Tenure::unguarded : Tenure::unknown;
    case Tenure::held:
      if (!outage.is_stale || !outage.is_tried) return Tenure::held;
      if (!outage.knows_rival) return Tenure::unguarded;
      return outage.is_reached ? Tenure::stand_by : Tenure::held;
    case Tenure::unguarded:
    case Tenure::stand_by:
      break;
  }
  return outage.tenure;
}

}  // namespace ticketd
