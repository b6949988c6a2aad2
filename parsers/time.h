#pragma once

#include <chrono>

namespace ticketd {

/// An instant in UTC, to the microsecond: the resolution of every `_at` column of the store.
using Time = std::chrono::sys_time<std::chrono::microseconds>;
/// A span between two instants; response targets, back-offs, windows.
using Duration = std::chrono::microseconds;

}  // namespace ticketd
