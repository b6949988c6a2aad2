#pragma once

#include <chrono>
#include <string>

namespace ticketd {

/// An instant in UTC, to the microsecond: the resolution of every `_at` column of the store.
using Time = std::chrono::sys_time<std::chrono::microseconds>;
/// A span between two instants; response targets, back-offs, windows.
using Duration = std::chrono::microseconds;

/// "2026-11-24T10:05:00Z": ISO 8601, UTC, whole seconds.
[[nodiscard]] std::string iso8601(Time at);

}  // namespace ticketd
