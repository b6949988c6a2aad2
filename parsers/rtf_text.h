#pragma once

#include <string>
#include <string_view>

namespace ticketd {

/// The words of an RTF document (Rich Text Format 1.9.1) as plain UTF-8 with lines that end in \n; also of one that
/// carries HTML inside (MS-OXRTFEX). Tables, lists and pictures are not drawn. Never fails; linear.
[[nodiscard]] std::string rtf_to_text(std::string_view rtf);

}  // namespace ticketd
