#include "parsers/tnef_properties.h"

namespace ticketd {
namespace {

std::optional<std::size_t> fixed_size(std::uint16_t type) {
  switch (type) {
    case 0x0000:
    case 0x0001:
      return 0;
    case 0x0002:
    case 0x0003:
    case 0x0004:
    case 0x000A:
    case 0x000B:
      return 4;
    case 0x0005:
    case 0x0006:
    case 0x0007:
    case 0x0014:
    case 0x0040:
      return 8;
    case 0x0048:
      return 16;
    default:
      return std::nullopt;
  }
}

bool is_variable(std::uint16_t type) {
  return type == kString8 || type == kUnicode || type == kObject || type == kBinary;
}

}  // namespace

std::optional<TnefProperty> TnefProperties::next() {
  if (left_ == 0 || at_.failed()) return std::nullopt;
  --left_;
  TnefProperty property;
  property.type = static_cast<std::uint16_t>(at_.number(2));
  property.id = static_cast<std::uint16_t>(at_.number(2));
  constexpr std::uint16_t first_named = 0x8000;
  if (property.id >= first_named) skip_name();
  read_values(property);
  if (damaged()) return std::nullopt;
  return property;
}

void TnefProperties::skip_name() {
  constexpr std::size_t guid = 16;
  at_.take(guid);
  const bool text = at_.number(4) != 0;
  const std::uint32_t id_or_length = at_.number(4);
  if (text) at_.take_padded(id_or_length);
}

void TnefProperties::read_values(TnefProperty& property) {
  const bool multiple = (property.type & kMultiple) != 0;
  property.type &= static_cast<std::uint16_t>(~kMultiple);
  const auto size = fixed_size(property.type);
  const bool variable = is_variable(property.type);
  unknown_ = !size && !variable;
  std::uint32_t count = !unknown_ && (multiple || variable) ? at_.number(4) : 1;
  if (size && *size == 0) count = 0;
  for (std::uint32_t i = 0; i < count && !damaged(); ++i) {
    const std::string_view value = size ? at_.take(*size) : at_.take_padded(at_.number(4));
    if (i == 0) property.value = value;
    unknown_ = budget_ == 0;
    if (!unknown_) --budget_;
  }
}

}  // namespace ticketd
