#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace ticketd {

/// A Bloom filter of a few thousand keys (mail_keys.message_key), as large as a page of the store: what it does not
/// have was never put in; what it has was, but for one in a hundred when it is full. Its octets are persistent: do not
/// change what they mean.
class KeyFilter {
 public:
  static constexpr std::size_t kOctets = 4000;
  static constexpr std::size_t kFull = 3200;  ///< more keys than that belong into two

  KeyFilter() : bits_(kOctets, '\0') {}
  explicit KeyFilter(std::string bits) : bits_(std::move(bits)) {}

  void add(std::int64_t key);
  [[nodiscard]] const std::string& bits() const { return bits_; }

  /// Without a copy of them. Bits of another size are damaged, and have every key.
  [[nodiscard]] static bool may_have(std::string_view bits, std::int64_t key);
  [[nodiscard]] static bool are_whole(std::string_view bits) { return bits.size() == kOctets; }

 private:
  std::string bits_;
};

/// Filters in memory, each for the keys from one to another. They are the store's for as long as nobody writes any.
class KeptFilters {
 public:
  static constexpr std::size_t kMost = 1'500;  ///< 6 MB: the filters of nearly two million mails

  explicit KeptFilters(std::size_t most = kMost) : most_(most) {}

  /// nullopt: none that is kept has to do with that key.
  [[nodiscard]] std::optional<bool> may_have(std::int64_t key) const;
  /// Where there are too many then, the others go.
  void keep(std::int64_t first, std::int64_t last, std::string bits);
  void clear() { filters_.clear(); }

 private:
  struct Kept {
    std::int64_t last = 0;
    std::string bits;
  };
  std::size_t most_;
  std::map<std::int64_t, Kept> filters_;  ///< by their first key
};

}  // namespace ticketd
