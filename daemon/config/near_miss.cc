#include "daemon/config/near_miss.h"

#include <algorithm>

#include "parsers/ascii.h"

namespace ticketd {

// The restricted Damerau-Levenshtein distance, three rows at a time.
std::size_t edit_distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> older, old(to.size() + 1), now(to.size() + 1);
  for (std::size_t j = 0; j <= to.size(); ++j) now[j] = j;
  for (std::size_t i = 1; i <= from.size(); ++i) {
    older = std::exchange(old, now);
    now[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t change = from[i - 1] == to[j - 1] ? 0 : 1;
      now[j] = std::min({old[j] + 1, now[j - 1] + 1, old[j - 1] + change});
      if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
        now[j] = std::min(now[j], older[j - 2] + 1);
    }
  }
  return now[to.size()];
}

std::string near_miss(std::string_view word, const std::vector<std::string>& candidates) {
  constexpr std::size_t kLongestWord = 64;
  if (word.size() > kLongestWord) return {};
  std::string nearest;
  std::size_t best = kLongestWord;
  for (const std::string& candidate : candidates) {
    const bool begun = word.size() >= 4 && candidate.starts_with(word);
    const std::size_t distance = begun ? 1 : edit_distance(to_lower(word), candidate);
    if (distance > std::max<std::size_t>(1, candidate.size() / 3) || distance >= best) continue;
    best = distance;
    nearest = candidate;
  }
  return nearest;
}

}  // namespace ticketd
