#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/email.h"

namespace ticketd {

/// The first word of a field's value in lower case, without its parameters and comments: "auto-replied" for
/// `Auto-Replied (vacation); owner-email=…`.
[[nodiscard]] std::string first_token(std::string_view value);

/// All words of a list in lower case: "dr", "oof" for `DR, OOF`.
[[nodiscard]] std::vector<std::string> list_tokens(std::string_view value);

/// `Name: value` of the first field of that name whose value satisfies the test, cut to a length that people read.
[[nodiscard]] std::optional<std::string> find_field(const Email& email, std::string_view name,
                                                    const std::function<bool(std::string_view)>& test);

/// Is the mail itself, or one of its attachments, of that type?
[[nodiscard]] bool has_part(const Email& email, std::string_view media_type);

/// For `find_field`: a value that is more than "no", "false" or nothing.
[[nodiscard]] bool is_set(std::string_view value);

/// For `find_field`: the null reverse-path, `<>` (RFC 5321 §4.5.5), in whatever spacing.
[[nodiscard]] bool is_null_path(std::string_view value);

/// The part before the last `@`, the part behind it, as they are compared (address_key.h). Without an `@` all is the
/// local part.
struct AddressParts {
  std::string local, domain;
};
[[nodiscard]] AddressParts split_address(std::string_view address);

/// Is `domain` that domain or one below it? Both as `domain_key` gives them.
[[nodiscard]] bool is_within_domain(std::string_view domain, std::string_view parent);

}  // namespace ticketd
