#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ticketd {

/// Little-endian values from the front; past the end all are zero and `failed` stays set.
class TnefCursor {
 public:
  explicit TnefCursor(std::string_view octets) : rest_(octets) {}

  std::string_view take(std::size_t length) {
    if (length > rest_.size()) {
      failed_ = true;
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return taken;
  }
  std::uint32_t number(std::size_t octets) {
    const std::string_view taken = take(octets);
    std::uint32_t result = 0;
    for (std::size_t i = taken.size(); i-- > 0;) result = result << 8 | static_cast<unsigned char>(taken[i]);
    return result;
  }
  /// Data that is filled up to a multiple of four octets; the last filling may be missing.
  std::string_view take_padded(std::size_t length) {
    const std::string_view taken = take(length);
    take(std::min((4 - length % 4) % 4, rest_.size()));
    return taken;
  }

  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

/// MS-OXCDATA §2.11.1: a property's type, without the flag of multiple values.
enum TnefPropertyType : std::uint16_t {
  kString8 = 0x001E,
  kUnicode = 0x001F,
  kObject = 0x000D,
  kBinary = 0x0102,
  kMultiple = 0x1000,
};

/// The first value of a MAPI property.
struct TnefProperty {
  std::uint16_t id = 0;
  std::uint16_t type = 0;
  std::string_view value;
};

/// MS-OXTNEF §2.1.3.4: a list of properties. Each value takes one from `budget`.
class TnefProperties {
 public:
  TnefProperties(std::string_view octets, std::size_t& budget) : at_(octets), left_(at_.number(4)), budget_(budget) {}

  /// nullopt at the end, and where the list is damaged.
  std::optional<TnefProperty> next();

  [[nodiscard]] bool damaged() const { return unknown_ || at_.failed(); }

 private:
  void skip_name();
  void read_values(TnefProperty& property);

  TnefCursor at_;
  std::uint32_t left_;
  std::size_t& budget_;
  bool unknown_ = false;
};

}  // namespace ticketd
