#pragma once

#include <chrono>
#include <map>
#include <vector>

#include "parsers/time.h"
#include "store/store.h"

namespace ticketd {

/// UIDs whose fetch failed: the server refused it, gave nothing, or ended the conversation over it. One such mail must
/// not stop the others, so they are fetched after all others, one command each, at growing distances.
class Suspects {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;

  /// `pace`: how long to wait after the second failure; doubled with each further one, up to 15 minutes.
  explicit Suspects(Duration pace) : pace_(pace) {}

  /// Another failure.
  void blame(Uid uid, SteadyTime now);
  /// It has failed once: a connection that broke by chance looks like that.
  [[nodiscard]] bool is_fresh(Uid uid) const;
  void acquit(Uid uid) { known_.erase(uid); }
  void acquit_all() { known_.clear(); }
  [[nodiscard]] bool contains(Uid uid) const { return known_.contains(uid); }

  /// Takes all suspects out of `wanted` (ascending), and returns them: the fresh ones, which get their second chance
  /// before any mail that may answer them (many at once are no chance, and none is fresh); those whose time has come,
  /// those that failed least first; and the others.
  struct Split {
    std::vector<Uid> fresh, due, waiting;
  };
  [[nodiscard]] Split take_from(std::vector<Uid>& wanted, SteadyTime now) const;

 private:
  struct Record {
    unsigned failures = 0;
    SteadyTime next_try{};
  };
  Duration pace_;
  std::map<Uid, Record> known_;
};

}  // namespace ticketd
