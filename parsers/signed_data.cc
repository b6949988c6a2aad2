#include "parsers/signed_data.h"

#include <cstddef>

namespace ticketd {
namespace {

/// 1.2.840.113549.1.7.2 and .1 (RFC 5652 §5.1, §4).
constexpr std::string_view kSignedData("\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02");
constexpr std::string_view kData("\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01");

/// X.690 §8.1. Lengths are not held against those of the values around them: the walk only goes forward.
class Cursor {
 public:
  explicit Cursor(std::string_view ber) : rest_(ber) {}

  /// Into a value of this tag; its length, which is npos when it is of the indefinite form.
  std::optional<std::size_t> open(unsigned char tag) {
    constexpr unsigned char long_form = 0x80;
    constexpr std::size_t longest_length = 4;
    if (rest_.size() < 2 || static_cast<unsigned char>(rest_[0]) != tag) return std::nullopt;
    const auto first = static_cast<unsigned char>(rest_[1]);
    rest_.remove_prefix(2);
    if (first < long_form) return first;
    if (first == long_form) return std::string_view::npos;
    const std::size_t octets = first - long_form;
    if (octets > longest_length || octets > rest_.size()) return std::nullopt;
    std::size_t length = 0;
    for (std::size_t i = 0; i < octets; ++i) length = length << 8U | static_cast<unsigned char>(rest_[i]);
    rest_.remove_prefix(octets);
    return length;
  }

  /// All of a value of this tag with a length.
  std::optional<std::string_view> take(unsigned char tag) {
    const auto length = open(tag);
    if (!length || *length > rest_.size()) return std::nullopt;
    const auto value = rest_.substr(0, *length);
    rest_.remove_prefix(*length);
    return value;
  }

  [[nodiscard]] std::size_t left() const { return rest_.size(); }

 private:
  std::string_view rest_;
};

constexpr unsigned char kInteger = 0x02, kOctets = 0x04, kObjectId = 0x06, kOctetsInPieces = 0x24, kSequence = 0x30,
                        kSet = 0x31, kExplicit = 0xA0;

/// One string, or one in pieces, as programs write that do not know its length before.
std::optional<std::string> octet_string(Cursor& at) {
  if (const auto whole = at.take(kOctets)) return std::string(*whole);
  const auto length = at.open(kOctetsInPieces);
  if (!length) return std::nullopt;
  const std::size_t end = *length < at.left() ? at.left() - *length : 0;
  std::string result;
  while (at.left() > end) {
    const auto piece = at.take(kOctets);
    if (!piece) break;
    result += *piece;
  }
  return result;
}

}  // namespace

std::optional<std::string> signed_content(std::string_view ber) {
  Cursor at(ber);
  if (!at.open(kSequence) || at.take(kObjectId) != kSignedData || !at.open(kExplicit) || !at.open(kSequence))
    return std::nullopt;
  if (!at.take(kInteger) || !at.take(kSet) || !at.open(kSequence) || at.take(kObjectId) != kData) return std::nullopt;
  if (!at.open(kExplicit)) return std::nullopt;
  return octet_string(at);
}

}  // namespace ticketd
