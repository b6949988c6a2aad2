#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ticketd {

/// From `first` to `last`, both included; 1 ≤ first ≤ last.
struct SequenceRange {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  bool operator==(const SequenceRange&) const = default;
};

/// RFC 9051 §9 sequence-set without `*`; order and repetitions as written, `9:2` is 2 to 9. nullopt: not one.
[[nodiscard]] std::optional<std::vector<SequenceRange>> parse_sequence_set(std::string_view text);

/// Every number of the ranges, in their order; nullopt when that would be more than `limit`.
[[nodiscard]] std::optional<std::vector<std::uint32_t>> expand(std::span<const SequenceRange> ranges,
                                                               std::size_t limit);

/// The shortest set for ascending numbers: "1:3,7". Empty for none.
[[nodiscard]] std::string format_sequence_set(std::span<const std::uint32_t> ascending);

}  // namespace ticketd
