#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/config/settings.h"
#include "daemon/config/value_type.h"

namespace ticketd {

/// One line of text without control characters; `line` may be empty, `name` may not and is at most 100 octets.
[[nodiscard]] ValueType<std::string> line();
[[nodiscard]] ValueType<std::string> name();
/// An addr-spec (RFC 5321 §4.1.2 without quoted local parts), ASCII, at most 254 octets; as written.
[[nodiscard]] ValueType<std::string> address();
/// The same in lower case, for comparisons; `domain` and `address_or_domain` ("@example.com") as well.
[[nodiscard]] ValueType<std::string> lower_address();
[[nodiscard]] ValueType<std::string> domain();
[[nodiscard]] ValueType<std::string> address_or_domain();
/// The tag in subjects: letters, digits and hyphens, a letter first, at most 32.
[[nodiscard]] ValueType<std::string> subject_tag();
/// A language tag (RFC 5646), such as "en" or "pt-BR".
[[nodiscard]] ValueType<std::string> language();
/// SCHEME://HOST[:PORT] with one of the schemes (and a path where allowed), or empty where allowed.
enum class UrlPath { none, any };
[[nodiscard]] ValueType<std::string> url(std::vector<std::string> schemes, UrlPath path, bool may_be_empty);
/// ADDRESS:PORT (an IP address, in brackets if it is one of IPv6, or localhost), or empty.
[[nodiscard]] ValueType<std::string> listen_address();
/// An IANA name that the system's time-zone database knows.
[[nodiscard]] ValueType<std::string> time_zone();
/// RE2 (linear time), or empty.
[[nodiscard]] ValueType<std::string> pattern();
/// An absolute path, or one that starts at the configuration's folder; or empty.
[[nodiscard]] ValueType<std::filesystem::path> path();
[[nodiscard]] ValueType<std::string> path_text();
/// The file of a secret: an absolute path, or a bare name (see read_secret).
[[nodiscard]] ValueType<std::string> secret_file();

[[nodiscard]] ValueType<bool> flag();
[[nodiscard]] ValueType<std::uint32_t> whole_number(std::uint32_t least, std::uint32_t most);
/// Above 0 and below 1.
[[nodiscard]] ValueType<double> share();
/// Any span above zero; one outside of the given ones is told as unwise.
[[nodiscard]] ValueType<Duration> duration(Duration wise_least, Duration wise_most);
/// In octets; "KB" counts 1000 and "KiB" 1024.
[[nodiscard]] ValueType<std::uint64_t> size(std::uint64_t least, std::uint64_t most);
[[nodiscard]] ValueType<RateLimit> rate();

[[nodiscard]] ValueType<std::vector<WeeklyWindow>> weekly_windows();
[[nodiscard]] ValueType<std::chrono::year_month_day> day();
/// "2026-12-24..2027-01-02", or one day.
[[nodiscard]] ValueType<std::pair<std::chrono::year_month_day, std::chrono::year_month_day>> span_of_days();

/// keep, seen, delete or move:FOLDER; `delete` only where asked for.
[[nodiscard]] ValueType<AfterwardsSettings> afterwards(bool may_delete);

/// The host of a URL that `url` has accepted, without brackets; for checks that go over several settings.
[[nodiscard]] std::string_view url_host(std::string_view url);
[[nodiscard]] std::string_view url_scheme(std::string_view url);

}  // namespace ticketd
