#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "parsers/time.h"
#include "store/store.h"

namespace ticketd {

/// The mail by which a daemon tells others on the account that it reads, or would read, a folder. It never changes;
/// that whoever wrote it is alive shows in its flags.
struct LeaseMail {
  Uid uid{};           ///< in the lease folder; not part of the mail
  unsigned mark = 0;   ///< \Flagged: 1, \Answered: 2; not part of the mail
  std::string folder;  ///< the one that is read
  std::string host;    ///< for people
  std::string holder;  ///< LeaseRecord::holder
  std::string token;   ///< LeaseRecord::token
  std::string place;   ///< LeaseRecord::place
};

/// As it is appended. Whatever the values hold, they add no header field.
[[nodiscard]] std::string compose_lease_mail(const LeaseMail& lease, Time now);
/// nullopt: it is none. Anybody who may write to the account could have put it there.
[[nodiscard]] std::optional<LeaseMail> parse_lease_mail(std::string_view octets);

/// The mark that follows: each differs from the one before in one flag.
[[nodiscard]] unsigned next_mark(unsigned mark);

}  // namespace ticketd
