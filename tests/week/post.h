#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "store/outbox_row.h"
#include "tests/week/deed.h"

namespace ticketd::week {

/// What has gone through the mail so far, for those who answer it.
class Post {
 public:
  struct Sent {
    std::string message_id;
    std::string kind;
    std::string octets;
  };
  /// A mail of the desk's as it is compared with what the model expects: "kind event #ticket recipients".
  std::string deliver(const OutboxRow& row);
  void came(const Deed& deed, int ticket);

  /// The latest; nullptr: he has got none.
  [[nodiscard]] const Sent* latest(int ticket, const std::string& recipient) const;
  /// A digest with this ticket.
  [[nodiscard]] const Sent* digest(int ticket, const std::string& recipient) const;
  /// Of the sender's own latest mail in the ticket; empty: there is none.
  [[nodiscard]] std::string own_id(int ticket, const std::string& sender) const;
  [[nodiscard]] const std::vector<Deed>& mails(int ticket) const;

 private:
  std::map<std::pair<int, std::string>, Sent> latest_, digests_;
  std::map<int, std::vector<Deed>> came_;
};

/// The octets of a customer's, a stranger's, a machine's or a staff member's mail.
[[nodiscard]] std::string raw_mail(const Deed& deed);
/// A mail server's report that the mail did not arrive.
[[nodiscard]] std::string raw_bounce(const Deed& deed);
/// The mail of staff, written above the quote of what it answers where `answered` is given.
[[nodiscard]] std::string staff_text(const Orders& orders, const Post::Sent* answered);

}  // namespace ticketd::week
