#include "rules/base64.h"

#include <cstdint>

namespace ticketd {

std::string base64(std::string_view octets) {
  static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result;
  result.reserve((octets.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < octets.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (i + k < octets.size() ? static_cast<unsigned char>(octets[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) result += i + k <= octets.size() ? kAlphabet[group >> (18 - 6 * k) & 63] : '=';
  }
  return result;
}

}  // namespace ticketd
