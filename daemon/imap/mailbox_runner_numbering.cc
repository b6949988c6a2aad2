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

}  // namespace

/// The UIDs that are there. UIDNEXT was told before the list was: what came between is no backlog.
asio::awaitable<std::vector<Uid>> MailboxRunner::open_mailbox() {
  SelectedMailbox selected;
  std::vector<Uid> listed = co_await list_all(selected);
  uid_validity_ = selected.uid_validity;
  if (!latest_) latest_ = co_await ledger_.latest(uid_validity_);
  ServerNumbering server{selected.uid_validity, selected.uid_next, listed.empty() ? Uid{} : listed.back()};
  if (server.uid_next) server.highest = std::min(server.highest, Uid{static_cast<std::uint32_t>(*server.uid_next) - 1});
  server.used_again = co_await is_used_again(listed);
  const Opening opening = co_await ledger_.open(server);
  if (opening.kind != Opening::Kind::continued) judge(opening, server);
  for (const Uid uid : ledger_.missing())
    if (!suspects_.contains(uid)) suspects_.blame(uid, steady_clock::now());
  co_return listed;
}

/// The whole mailbox. A list that differs from EXISTS is asked for again, with a count that is new as well.
asio::awaitable<std::vector<Uid>> MailboxRunner::list_all(SelectedMailbox& selected) {
  std::vector<Uid> listed;
  for (int tries = 0; tries < kListings; ++tries) {
    selected = co_await session_->select(settings_.folder);
    listed = co_await session_->list_uids(Uid(1));
    if (listed.size() == session_->counted()) break;
  }
  note_disagreement(listed.size());
  co_return listed;
}

void MailboxRunner::note_disagreement(std::size_t listed) {
  const std::uint32_t counted = session_->counted();
  const std::string earlier = std::exchange(disagreement_, std::string());
  if (listed == counted) return;
  disagreement_ = fmt::format("the server lists {} of {} mails (SEARCH, EXISTS)", listed, counted);
  if (disagreement_ == earlier) return;
  log::mailbox_failed(settings_.name, disagreement_, std::chrono::duration<double>(settings_.poll_interval).count());
}

/// Whether the latest mail's UID is another mail's now.
asio::awaitable<bool> MailboxRunner::is_used_again(const std::vector<Uid>& listed) {
  if (!latest_ || latest_->uid_validity != uid_validity_) co_return false;
  if (!std::binary_search(listed.begin(), listed.end(), latest_->uid)) co_return false;
  if (latest_->gone) co_return true;
  if (!latest_->internal_date) co_return false;
  std::vector<Uid> one{latest_->uid};
  const std::vector<DatedUid> dates = co_await session_->fetch_dates(std::move(one));
  const auto same = std::ranges::find(dates, latest_->uid, &DatedUid::uid);
  co_return same != dates.end() && same->internal_date && same->internal_date != latest_->internal_date;
}

/// A server that breaks RFC 9051 §2.3.1.1 is told of as an error; the next connection finds the ledger's new beginning.
void MailboxRunner::judge(const Opening& opening, const ServerNumbering& server) {
  suspects_.acquit_all();
  latest_.reset();
  const auto now = static_cast<std::uint32_t>(server.uid_validity);
  if (opening.kind == Opening::Kind::changed) {
    log::uid_validity_changed(settings_.name, static_cast<std::uint32_t>(opening.before), now);
    return;
  }
  attempt_.renumbered = opening.kind != Opening::Kind::no_more_room;
  std::string what = fmt::format("UIDs are used again under UIDVALIDITY {}", now);
  if (server.uid_next && !server.used_again)
    what += fmt::format(" (UIDNEXT is {}, and later ones are on record)", static_cast<std::uint32_t>(*server.uid_next));
  if (opening.kind == Opening::Kind::went_back) what = fmt::format("UIDVALIDITY went back to {}", now);
  const std::string_view then = attempt_.renumbered ? "all of it is read anew, and what is known is recognised"
                                                    : "it did so too often for the ledger to tell its mails apart";
  throw NetError(NetError::Kind::protocol, fmt::format("{}, as after the restoring of a backup; {}", what, then));
}

void MailboxRunner::note_latest(const std::optional<DatedUid>& mail) {
  if (!mail || (latest_ && latest_->uid_validity == uid_validity_ && latest_->uid >= mail->uid)) return;
  latest_ = LatestMail{uid_validity_, mail->uid, mail->internal_date, false};
}

void MailboxRunner::note_gone(const AfterwardsSettings& what, const std::vector<Uid>& uids) {
  using Action = AfterwardsSettings::Action;
  const bool takes_away = session_->has("UIDPLUS") || (what.action == Action::move && session_->has("MOVE"));
  if (!takes_away || (what.action != Action::move && what.action != Action::remove) || !latest_) return;
  if (std::ranges::find(uids, latest_->uid) != uids.end()) latest_->gone = true;
}

}  // namespace ticketd
