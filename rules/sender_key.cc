#include "rules/sender_key.h"

#include "rules/header_values.h"

namespace ticketd {

std::string sender_key(std::string_view address) {
  auto [local, domain] = split_address(address);
  if (const auto plus = local.find('+'); plus != 0) local = local.substr(0, plus);
  if (domain == "googlemail.com") domain = "gmail.com";
  if (domain == "gmail.com") std::erase(local, '.');
  return domain.empty() ? local : local + '@' + domain;
}

}  // namespace ticketd
