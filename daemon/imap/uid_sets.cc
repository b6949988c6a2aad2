#include "daemon/imap/uid_sets.h"

#include <algorithm>

#include "parsers/sequence_set.h"

namespace ticketd {

namespace {

/// At most 11 octets each.
constexpr std::size_t kUidsPerCommand = 500;

}  // namespace

std::string uid_set(std::span<const Uid> uids) {
  std::vector<std::uint32_t> numbers;
  numbers.reserve(uids.size());
  for (const Uid uid : uids) numbers.push_back(static_cast<std::uint32_t>(uid));
  return format_sequence_set(numbers);
}

std::vector<std::string> uid_sets(std::vector<Uid> uids) {
  std::sort(uids.begin(), uids.end());
  std::vector<std::string> sets;
  for (std::size_t at = 0; at < uids.size(); at += kUidsPerCommand)
    sets.push_back(uid_set(std::span(uids).subspan(at, std::min(kUidsPerCommand, uids.size() - at))));
  return sets;
}

}  // namespace ticketd
