#pragma once

#include <optional>
#include <string>

#include "parsers/time.h"

namespace ticketd {

/// How a daemon stands to a mailbox that others may read as well. Its names are persistent.
enum class Tenure {
  unknown,    ///< nobody has looked yet
  held,       ///< it is ours
  unguarded,  ///< leases are off, or the server refuses them, or can't be reached: as if there were no others
  stand_by    ///< another one works on it
};

/// What a store knows of the lease on one mailbox.
struct LeaseRecord {
  std::string mailbox;
  std::string holder;  ///< random, drawn once: this store, and every copy of it
  std::string token;   ///< random, of the lease mail that was written last
  std::string place;   ///< where that was: no two processes that run have the same store in the same place
  Tenure tenure = Tenure::unknown;
  std::string rival;                ///< the host of another one that works, or waits; empty: there is none
  std::optional<Time> rival_since;  ///< when it was first seen
  bool is_copy = false;             ///< that one works on a copy of this store
  std::string detail;               ///< why nothing can be told, when it can't
  Time looked_at{};
  std::string watched;                ///< the lease that was in the way at that look, and its state
  std::optional<Time> watched_since;  ///< since when it has been in that state
};

}  // namespace ticketd
