#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ticketd {

/// How many letters must be put in, left out, changed or swapped with their neighbour to turn one into the other.
[[nodiscard]] std::size_t edit_distance(std::string_view from, std::string_view to);

/// The candidate that someone who wrote `word` probably meant: the nearest, when it takes at most a third of its
/// letters (and at least one) to get there, or the one that `word` begins. Empty when none is near.
[[nodiscard]] std::string near_miss(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace ticketd
