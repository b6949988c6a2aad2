#pragma once

#include <string>
#include <string_view>

namespace ticketd {

/// The document without tags of more than 32 KiB or 200 attributes: libxml2 compares each attribute with all before it.
[[nodiscard]] std::string without_huge_tags(std::string_view html);

/// What stands between the tags, for what is too deep to be read as a document; each tag is a `<br>`.
[[nodiscard]] std::string without_tags(std::string_view html);

}  // namespace ticketd
