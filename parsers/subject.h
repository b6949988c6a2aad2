#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ticketd {

/// The subject without reply and forward prefixes (`Re:`, `Fwd:`, `AW:`, `WG:`, `Antw:`, `RV:`, `TR:`, `Re[2]:` …; RFC
/// 5256 §2.1 base subject, widened to the usual languages) and without any `[TAG-123]`; white space squeezed.
[[nodiscard]] std::string base_subject(std::string_view subject, std::string_view subject_tag);

/// The number in the first `[TAG-123]` (tag case-insensitive); nullopt when there is none or it does not fit 63 bits.
[[nodiscard]] std::optional<std::int64_t> find_subject_tag(std::string_view subject, std::string_view subject_tag);

/// Unicode NFKC, then full case folding (UAX #15, UTS #10): what all comparisons of words are made on.
[[nodiscard]] std::string fold_for_comparison(std::string_view utf8);

}  // namespace ticketd
