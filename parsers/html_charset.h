#pragma once

#include <string>
#include <string_view>

namespace ticketd {

/// The charset that an HTML document declares in a `meta` element of its first 4 KiB (HTML Living Standard §4.2.5.4);
/// empty when it declares none. What it declares to be UTF-16 is not, for the element could be read.
[[nodiscard]] std::string html_charset(std::string_view octets);

}  // namespace ticketd
