// One look at the folder of leases, and what follows from it.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "daemon/desk/open_desk.h"
#include "daemon/imap/mailbox_lease.h"
#include "daemon/log/log.h"
#include "daemon/sources.h"
#include "parsers/ascii.h"

namespace ticketd {

namespace asio = boost::asio;
using SteadyClock = std::chrono::steady_clock;

namespace {

/// A folder with more mails than this is none of ours alone.
constexpr std::size_t kMostMails = 500;

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

bool has_flag(const FlaggedUid& mail, std::string_view flag) {
  return std::ranges::any_of(mail.flags, [flag](const auto& each) { return equals_ignoring_case(each, flag); });
}

unsigned mark_of(const FlaggedUid& mail) {
  return (has_flag(mail, "\\Flagged") ? 1U : 0U) + (has_flag(mail, "\\Answered") ? 2U : 0U);
}

std::string watched_key(UidValidity validity, const LeaseMail& mail) {
  return fmt::format("{}:{}:{}", static_cast<std::uint32_t>(validity), static_cast<std::uint32_t>(mail.uid), mail.mark);
}

}  // namespace

/// Lease mails of this folder; those of this process for other mailboxes are left out, and orphans.
asio::awaitable<std::vector<LeaseMail>> MailboxLease::see() {
  const std::vector<FlaggedUid> flagged = co_await session_->fetch_flags(kMostMails + 1);
  if (flagged.size() > kMostMails)
    throw ImapRefused(
        fmt::format("the folder {} holds more than {} mails; it is for ticketd alone: empty it, or set another "
                    "lease_folder",
                    settings_.lease_folder, kMostMails));
  co_await read_unknown(flagged);
  std::vector<LeaseMail> leases;
  std::map<Uid, std::optional<LeaseMail>> present;
  orphans_.clear();
  for (const auto& mail : flagged) {
    const auto known = known_.find(mail.uid);
    if (known == known_.end()) continue;
    present.insert(*known);
    if (!known->second || has_flag(mail, "\\Deleted")) continue;
    const bool is_ours = known->second->token == record_.token && known->second->holder == record_.holder;
    const std::string writer = is_ours ? "" : board_.writer_of(known->second->token);
    if (writer == settings_.name) orphans_.push_back(mail.uid);
    if (!writer.empty()) continue;
    leases.push_back(*known->second);
    leases.back().mark = mark_of(mail);
  }
  known_ = std::move(present);
  co_return leases;
}

asio::awaitable<void> MailboxLease::read_unknown(const std::vector<FlaggedUid>& flagged) {
  std::vector<Uid> unknown;
  is_newcomer_there_ = false;
  for (const auto& mail : flagged)
    if (!known_.contains(mail.uid)) unknown.push_back(mail.uid);
  if (unknown.empty()) co_return;
  session_->start_fetch(std::move(unknown));
  while (true) {
    auto mail = co_await session_->next_mail();
    if (!mail) break;
    if (mail->empty()) continue;
    auto lease = mail->size > mail->octets.size() ? std::nullopt : parse_lease_mail(mail->octets);
    if (lease && lease->folder != folder_) lease.reset();
    if (lease) lease->uid = mail->uid;
    is_newcomer_there_ = is_newcomer_there_ || (lease && lease->token != record_.token);
    known_[mail->uid] = std::move(lease);
  }
}

asio::awaitable<void> MailboxLease::look(bool once) {
  looked_at_ = board_.now();
  std::vector<LeaseMail> seen = co_await see();
  const auto is_ours = [this](const LeaseMail& mail) {
    return !accepted_.empty() && mail.token == accepted_ && mail.holder == record_.holder;
  };
  auto own = std::ranges::find_if(seen, is_ours);
  if (own == seen.end() || is_strange(*own)) {
    seen = co_await claim(std::move(seen));
    own = std::ranges::find_if(seen, is_ours);
  }
  own_ = own == seen.end() ? std::nullopt : std::optional(own->uid);
  board_.note_token(settings_.name, accepted_);
  const LeaseWatch::Verdict verdict = watch_.look(seen, own_, SteadyClock::now());
  const bool stands_by = verdict.kind != LeaseWatch::Verdict::Kind::held;
  if (own_) co_await renew_if_due(*own, stands_by);
  for (const auto& mail : seen)
    if (mail.holder != record_.holder && std::ranges::find(verdict.silent, mail.uid) != verdict.silent.end())
      taken_from_ = mail.host;
  std::vector<Uid> dead = verdict.silent;
  dead.insert(dead.end(), orphans_.begin(), orphans_.end());
  if (!dead.empty()) co_await session_->remove(std::move(dead));
  const bool is_undecided = once && stands_by && verdict.rival && may_be_dead(*verdict.rival);
  if (!is_undecided) co_await publish(verdict);
}

/// Another process has our token, for it runs on a copy of this machine; or a person has touched the flags, which costs
/// a new mail, once in a while. A change of ours that the server lost is neither.
bool MailboxLease::is_strange(const LeaseMail& own) const {
  if (!marks_ || own.mark == marks_->first || own.mark == marks_->second) return false;
  return board_.age(claimed_at_) >= board_.times().refresh;
}

/// A single pass: an earlier one saw its mark as it is, longer ago than a lease holds. It may have come round since, so
/// this pass waits until it changes, or has been silent for long enough under its eyes.
bool MailboxLease::may_be_dead(const LeaseMail& rival) const {
  if (!record_.watched_since || record_.watched != watched_key(uid_validity_, rival)) return false;
  return std::chrono::abs(system_now() - *record_.watched_since) > Duration{board_.times().validity};
}

/// A lease mail of ours, under a token that is in the store already; what is in the folder then. Where none can be
/// written and another one is there, that one goes first. A mail whose APPEND was not answered is known again.
asio::awaitable<std::vector<LeaseMail>> MailboxLease::claim(std::vector<LeaseMail> seen) {
  LeaseMail lease;
  record_.token = random_token();
  lease.folder = folder_;
  lease.host = host_name();
  lease.holder = record_.holder;
  lease.token = record_.token;
  lease.place = record_.place;
  board_.note_token(settings_.name, record_.token);
  co_await write();
  accepted_ = record_.token;
  claimed_at_ = board_.now();
  marks_.reset();
  std::exception_ptr refused;
  try {
    co_await session_->append(settings_.lease_folder, compose_lease_mail(lease, system_now()));
  } catch (const ImapRefused&) {
    refused = std::current_exception();
  }
  if (refused && seen.empty()) std::rethrow_exception(refused);
  if (refused) co_return seen;
  seen = co_await see();
  if (std::ranges::find(seen, accepted_, &LeaseMail::token) == seen.end())
    throw ImapRefused(fmt::format("a mail that was put into the folder {} is not there", settings_.lease_folder));
  co_return seen;
}

/// Shows that we are alive. Not too often: whoever watches must not see a mark that has come round. But a newcomer may
/// be one that waits for this. `may_fail`: the server need not take it, for another one works.
asio::awaitable<void> MailboxLease::renew_if_due(const LeaseMail& own, bool may_fail) {
  const bool is_early = board_.age(renewed_at_) < board_.times().refresh / 2;
  if (marks_ && own.mark == marks_->second && is_early && !is_newcomer_there_) co_return;
  try {
    co_await renew(own);
  } catch (const ImapRefused&) {
    if (!may_fail) throw;
  }
}

asio::awaitable<void> MailboxLease::renew(const LeaseMail& own) {
  const unsigned next = next_mark(own.mark);
  const unsigned changed = next ^ own.mark;
  marks_ = std::pair(own.mark, next);  // whether or not the answer comes
  co_await session_->set_flag(own.uid, changed == 1 ? "\\Flagged" : "\\Answered", (next & changed) != 0);
  renewed_at_ = looked_at_;
}

asio::awaitable<void> MailboxLease::publish(const LeaseWatch::Verdict& verdict) {
  const LeaseRecord before = record_;
  const bool is_held = verdict.kind == LeaseWatch::Verdict::Kind::held;
  record_.tenure = is_held ? Tenure::held : Tenure::stand_by;
  record_.detail.clear();
  record_.is_copy = is_held ? verdict.is_copy : watch_.met_copy();  // a copy's lease may be that of a dead one
  if (watch_.met_copy()) board_.note_copy(settings_.name);
  if (verdict.rival || !watch_.met_copy()) record_.rival = verdict.rival ? verdict.rival->host : std::string();
  const bool is_same_rival = record_.rival == before.rival && record_.tenure == before.tenure && before.rival_since;
  record_.rival_since = record_.rival.empty() ? std::nullopt : is_same_rival ? before.rival_since : system_now();
  const std::string watched = verdict.rival && !is_held ? watched_key(uid_validity_, *verdict.rival) : std::string();
  if (watched != before.watched || !record_.watched_since) record_.watched_since = system_now();
  if (watched.empty()) record_.watched_since.reset();
  record_.watched = watched;
  co_await write();
  const bool is_new = board_.tenure(settings_.name) != record_.tenure;
  if (is_new && is_held) log::lease_taken(settings_.name, taken_from_);
  if (is_new && !is_held) log::lease_lost(settings_.name, record_.rival);
  if (is_held && !record_.rival.empty() && !is_same_rival) log::lease_wanted(settings_.name, record_.rival);
  if (is_held) taken_from_.clear();
  note(record_.tenure, own_ ? renewed_at_ : looked_at_);
}

}  // namespace ticketd
