#include "daemon/imap/suspects.h"

#include <algorithm>

namespace ticketd {

namespace {

constexpr Duration kLongestWait = std::chrono::minutes{15};
/// More of them have not failed by chance.
constexpr std::size_t kMostFresh = 3;

}  // namespace

void Suspects::blame(Uid uid, SteadyTime now) {
  auto& record = known_[uid];
  Duration wait{};
  for (unsigned failure = 1; failure <= record.failures && wait < kLongestWait; ++failure)
    wait = wait == Duration{} ? pace_ : wait * 2;
  ++record.failures;
  record.next_try = now + std::min(wait, kLongestWait);
}

bool Suspects::is_fresh(Uid uid) const {
  const auto found = known_.find(uid);
  return found != known_.end() && found->second.failures == 1;
}

Suspects::Split Suspects::take_from(std::vector<Uid>& wanted, SteadyTime now) const {
  Split split;
  for (const Uid uid : wanted) {
    const auto found = known_.find(uid);
    if (found == known_.end()) continue;
    auto& list = is_fresh(uid) ? split.fresh : found->second.next_try <= now ? split.due : split.waiting;
    list.push_back(uid);
  }
  std::erase_if(wanted, [this](Uid uid) { return contains(uid); });
  if (split.fresh.size() > kMostFresh) {
    split.due.insert(split.due.end(), split.fresh.begin(), split.fresh.end());
    split.fresh.clear();
  }
  std::ranges::stable_sort(split.due, {}, [this](Uid uid) { return known_.at(uid).failures; });
  return split;
}

}  // namespace ticketd
