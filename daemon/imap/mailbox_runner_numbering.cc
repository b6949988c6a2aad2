// What the server's numbers and counts are worth.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "daemon/imap/mailbox_runner.h"
#include "daemon/log/log.h"

namespace ticketd {

namespace asio = boost::asio;
using std::chrono::steady_clock;

namespace {

/// So often is a list asked for that does not agree with the server's own count.
constexpr int kListings = 3;

/// Honest servers have told one mail's date in another zone later: with the summer's offset, say.
bool is_of_zones(Duration shift) {
  return std::chrono::abs(shift) <= std::chrono::hours{26} && shift % std::chrono::minutes{15} == Duration::zero();
}

struct Match {
  bool is_other = false;    ///< a UID has another mail now
  std::vector<Uid> unsure;  ///< their sizes decide; none when `is_other`
};

/// What is on record (by descending UID) against what the server says now.
Match compare(const std::vector<DatedUid>& known, const std::vector<DatedUid>& now) {
  Match match;
  for (const auto& mail : now) {
    const auto before = std::ranges::lower_bound(known, mail.uid, std::ranges::greater{}, &DatedUid::uid);
    if (before == known.end() || before->uid != mail.uid) continue;
    const Duration shift = *mail.internal_date - *before->internal_date;
    const bool other_size = mail.size && before->size && *mail.size != *before->size;
    if (shift == Duration::zero()) continue;
    if (!is_of_zones(shift) || other_size) return {true, {}};
    if (before->size && !mail.size) match.unsure.push_back(mail.uid);
  }
  return match;
}

}  // namespace

/// The UIDs that are there. UIDNEXT was told before the list was: what came between is no backlog.
asio::awaitable<std::vector<Uid>> MailboxRunner::open_mailbox() {
  SelectedMailbox selected;
  std::vector<Uid> listed = co_await list_all(selected);
  uid_validity_ = selected.uid_validity;
  ServerNumbering server;
  server.uid_validity = selected.uid_validity;
  server.uid_next = selected.uid_next;
  server.highest = listed.empty() ? Uid{} : listed.back();
  server.last = server.highest;
  if (server.uid_next) server.highest = std::min(server.highest, Uid{static_cast<std::uint32_t>(*server.uid_next) - 1});
  server.used_again = co_await is_used_again(listed);
  server.agrees = disagreement_.empty() || settings_.backlog == MailboxSettings::Backlog::normal;
  const Opening opening = co_await ledger_.open(server);
  if (opening.kind != Opening::Kind::continued) judge(opening, server);
  for (const Uid uid : ledger_.missing())
    if (!suspects_.contains(uid)) suspects_.blame(uid, steady_clock::now());
  co_return listed;
}

/// The whole mailbox. A list that differs from EXISTS is asked for again, with a count that is new as well.
asio::awaitable<std::vector<Uid>> MailboxRunner::list_all(SelectedMailbox& selected) {
  MailboxList list;
  for (int tries = 0; tries < kListings; ++tries) {
    list = co_await session_->select_and_list(settings_.folder);
    if (list.uids.size() == session_->counted()) break;
  }
  note_disagreement(list.uids.size());
  selected = list.selected;
  co_return std::move(list.uids);
}

void MailboxRunner::note_disagreement(std::size_t listed) {
  const std::uint32_t counted = session_->counted();
  counted_ = counted;
  const std::string earlier = std::exchange(disagreement_, std::string());
  if (listed == counted) return;
  disagreement_ = fmt::format("the server lists {} of {} mails (SEARCH, EXISTS)", listed, counted);
  if (disagreement_ == earlier) return;
  log::mailbox_failed(settings_.name, disagreement_, std::chrono::duration<double>(settings_.poll_interval).count());
}

/// Whether a UID on record is another mail's now. Before this is known, nothing is done on the server: what the ledger
/// owes to a UID, another mail would get. Sizes are asked for only where they decide.
asio::awaitable<bool> MailboxRunner::is_used_again(const std::vector<Uid>& listed) {
  const std::vector<DatedUid> known = co_await ledger_.dated(uid_validity_, listed);
  if (known.empty()) co_return false;
  std::vector<Uid> uids;
  for (const auto& mail : known) uids.push_back(mail.uid);
  std::vector<DatedUid> now = co_await session_->fetch_dates(std::move(uids), false, true);
  Match match = compare(known, now);
  if (match.unsure.empty()) co_return match.is_other;
  now = co_await session_->fetch_dates(std::move(match.unsure), true, true);
  const Match by_size = compare(known, now);
  co_return by_size.is_other;
}

/// A server that breaks RFC 9051 §2.3.1.1 is told of as an error; the next connection finds the ledger's new beginning.
void MailboxRunner::judge(const Opening& opening, const ServerNumbering& server) {
  suspects_.acquit_all();
  const auto now = static_cast<std::uint32_t>(server.uid_validity);
  if (opening.kind == Opening::Kind::changed) {
    log::uid_validity_changed(settings_.name, static_cast<std::uint32_t>(opening.before), now);
    return;
  }
  if (opening.kind == Opening::Kind::unreliable)
    throw NetError(NetError::Kind::protocol, disagreement_ + "; without a whole list nothing is begun");
  attempt_.renumbered = opening.kind != Opening::Kind::no_more_room;
  std::string what = fmt::format("UIDs are used again under UIDVALIDITY {}", now);
  if (server.uid_next && !server.used_again)
    what += fmt::format(" (UIDNEXT is {}, and later ones are on record)", static_cast<std::uint32_t>(*server.uid_next));
  if (opening.kind == Opening::Kind::went_back) what = fmt::format("UIDVALIDITY went back to {}", now);
  const std::string_view then = attempt_.renumbered ? "all of it is read anew, and what is known is recognised"
                                                    : "it did so too often for the ledger to tell its mails apart";
  throw NetError(NetError::Kind::protocol, fmt::format("{}, as after the restoring of a backup; {}", what, then));
}

}  // namespace ticketd
