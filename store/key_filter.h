#pragma once

#include <cstdint>
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

  /// Without a copy of them. Bits of another size have every key.
  [[nodiscard]] static bool may_have(std::string_view bits, std::int64_t key);

 private:
  std::string bits_;
};

}  // namespace ticketd
