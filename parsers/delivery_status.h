#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ticketd {

/// What a report says of one recipient (RFC 3464 §2.3). Foreign text, each value one printable line.
struct DeliveryStatus {
  std::string final_recipient;     ///< an address, without its type; may be empty
  std::string original_recipient;  ///< as the sender had written it; mostly empty
  std::string action;              ///< lower case: failed, delayed, delivered, relayed or expanded; may be empty
  std::string status;              ///< RFC 3463, such as "5.1.1"; may be empty
  std::string diagnostic;          ///< Diagnostic-Code without its type; may be empty
  bool operator==(const DeliveryStatus&) const = default;
};

/// More recipients than that are not looked at.
inline constexpr std::size_t kMostDeliveryStatuses = 100;

/// The groups of a message/delivery-status body that name a recipient or an action, up to `limit`. Linear time.
[[nodiscard]] std::vector<DeliveryStatus> parse_delivery_status(std::string_view body,
                                                                std::size_t limit = kMostDeliveryStatuses);

/// "5.1.1" at the start of `text` (RFC 3463 §2); empty when there is none.
[[nodiscard]] std::string_view leading_status_code(std::string_view text);

}  // namespace ticketd
