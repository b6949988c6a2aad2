#include "store/key_filter.h"

#include <array>

namespace ticketd {
namespace {

constexpr std::size_t kProbes = 5;  // for ten bits a key

/// The keys of one filter begin alike: the last step of SplitMix64 spreads them.
std::uint64_t spread(std::int64_t key) {
  auto value = static_cast<std::uint64_t>(key);
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31);
}

std::array<std::size_t, kProbes> places_of(std::int64_t key) {
  const std::uint64_t value = spread(key);
  const std::uint64_t step = (value >> 32) | 1U;
  std::uint64_t place = value & 0xffffffffU;
  std::array<std::size_t, kProbes> places{};
  for (auto& each : places) {
    each = static_cast<std::size_t>(place % (KeyFilter::kOctets * 8));
    place += step;
  }
  return places;
}

}  // namespace

void KeyFilter::add(std::int64_t key) {
  for (const std::size_t place : places_of(key)) {
    auto& octet = bits_.at(place / 8);
    octet = static_cast<char>(static_cast<unsigned char>(octet) | (1U << (place % 8)));
  }
}

bool KeyFilter::may_have(std::string_view bits, std::int64_t key) {
  if (!are_whole(bits)) return true;
  for (const std::size_t place : places_of(key))
    if ((static_cast<unsigned char>(bits[place / 8]) >> (place % 8) & 1U) == 0) return false;
  return true;
}

std::optional<bool> KeptFilters::may_have(std::int64_t key) const {
  const auto behind = filters_.upper_bound(key);
  if (behind == filters_.begin() || key > std::prev(behind)->second.last) return std::nullopt;
  return KeyFilter::may_have(std::prev(behind)->second.bits, key);
}

void KeptFilters::keep(std::int64_t first, std::int64_t last, std::string bits) {
  if (filters_.size() >= most_) filters_.clear();
  filters_[first] = {last, std::move(bits)};
}

}  // namespace ticketd
