#include "parsers/sequence_set.h"

#include <fmt/format.h>

#include <charconv>
#include <iterator>
#include <utility>

namespace ticketd {

namespace {

std::optional<std::uint32_t> parse_nonzero(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value == 0) return std::nullopt;
  return value;
}

std::optional<SequenceRange> parse_range(std::string_view text) {
  const auto colon = text.find(':');
  const auto first = parse_nonzero(text.substr(0, colon));
  const auto last = colon == std::string_view::npos ? first : parse_nonzero(text.substr(colon + 1));
  if (!first || !last) return std::nullopt;
  return SequenceRange{std::min(*first, *last), std::max(*first, *last)};
}

}  // namespace

std::optional<std::vector<SequenceRange>> parse_sequence_set(std::string_view text) {
  std::vector<SequenceRange> ranges;
  while (true) {
    const auto comma = text.find(',');
    const auto range = parse_range(text.substr(0, comma));
    if (!range) return std::nullopt;
    ranges.push_back(*range);
    if (comma == std::string_view::npos) return ranges;
    text.remove_prefix(comma + 1);
  }
}

std::optional<std::vector<std::uint32_t>> expand(std::span<const SequenceRange> ranges, std::size_t limit) {
  std::size_t total = 0;
  for (const auto& range : ranges) {
    total += std::size_t{range.last} - range.first + 1;
    if (total > limit) return std::nullopt;
  }
  std::vector<std::uint32_t> numbers;
  numbers.reserve(total);
  for (const auto& range : ranges)
    for (std::uint64_t n = range.first; n <= range.last; ++n) numbers.push_back(static_cast<std::uint32_t>(n));
  return numbers;
}

std::string format_sequence_set(std::span<const std::uint32_t> ascending) {
  std::string set;
  for (std::size_t i = 0; i < ascending.size();) {
    std::size_t end = i + 1;
    while (end < ascending.size() && ascending[end] == ascending[end - 1] + 1) ++end;
    if (!set.empty()) set += ',';
    fmt::format_to(std::back_inserter(set), "{}", ascending[i]);
    if (end - i > 1) fmt::format_to(std::back_inserter(set), ":{}", ascending[end - 1]);
    i = end;
  }
  return set;
}

}  // namespace ticketd
