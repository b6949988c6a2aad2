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
  counted_ = counted;
  const std::string earlier = std::exchange(disagreement_, std::string());
  if (listed == counted) return;
  disagreement_ = fmt::format("the server lists {} of {} mails (SEARCH, EXISTS)", listed, counted);
  if (disagreement_ == earlier) return;
  log::mailbox_failed(settings_.name, disagreement_, std::chrono::duration<double>(settings_.poll_interval).count());
}

/// Whether the latest mail's UID is another mail's now.
asio::awaitable<bool> MailboxRunner::is_used_again(const std::vector<Uid>& listed) {
  const std::optional<MailboxHealth::Latest> latest = co_await ledger_.latest(uid_validity_);
  if (!latest || !std::binary_search(listed.begin(), listed.end(), latest->uid)) co_return false;
  std::vector<Uid> one{latest->uid};
  const std::vector<DatedUid> dates = co_await session_->fetch_dates(std::move(one));
  const auto now = std::ranges::find(dates, latest->uid, &DatedUid::uid);
  if (now == dates.end() || !now->internal_date) co_return false;
  const Duration shift = *now->internal_date - latest->internal_date;
  const bool other_size = now->size && latest->size && *now->size != *latest->size;
  co_return shift != Duration::zero() && (!is_of_zones(shift) || other_size);
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
