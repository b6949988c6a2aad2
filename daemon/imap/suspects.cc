#include "daemon/imap/suspects.h"

#include <algorithm>

namespace ticketd {

namespace {

constexpr Duration kLongestWait = std::chrono::minutes{15};

}  // namespace

void Suspects::blame(Uid uid, SteadyTime now) {
  auto& record = known_[uid];
  Duration wait{};
  for (unsigned failure = 1; failure <= record.failures && wait < kLongestWait; ++failure)
    wait = wait == Duration{} ? pace_ : wait * 2;
  ++record.failures;
  record.next_try = now + std::min(wait, kLongestWait);
}

Suspects::Split Suspects::take_from(std::vector<Uid>& wanted, SteadyTime now) const {
  Split split;
  for (const Uid uid : wanted) {
    const auto found = known_.find(uid);
    if (found == known_.end()) continue;
    (found->second.next_try <= now ? split.due : split.waiting).push_back(uid);
  }
  std::erase_if(wanted, [this](Uid uid) { return contains(uid); });
  std::ranges::stable_sort(split.due, {}, [this](Uid uid) { return known_.at(uid).failures; });
  return split;
}

}  // namespace ticketd
