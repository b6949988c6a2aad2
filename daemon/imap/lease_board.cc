#include "daemon/imap/lease_board.h"

#include <time.h>

#include <algorithm>
#include <cstdlib>

#include "daemon/desk/open_desk.h"

namespace ticketd {

LeaseBoard::LeaseBoard(LeaseTimes times, Clock clock)
    : times_(times), clock_(std::move(clock)), holder_(random_token()) {}

LeaseBoard::Stamp LeaseBoard::system_stamp() {
  timespec since_boot{};
  ::clock_gettime(CLOCK_BOOTTIME, &since_boot);
  return {std::chrono::seconds{since_boot.tv_sec} + std::chrono::nanoseconds{since_boot.tv_nsec},
          std::chrono::system_clock::now().time_since_epoch()};
}

void LeaseBoard::expect(std::span<const MailboxSettings> mailboxes) {
  std::vector<Entry> entries;
  for (const auto& mailbox : mailboxes) {
    if (mailbox.lease_folder.empty()) continue;
    std::string key = lease_key(mailbox);
    const auto before = std::ranges::find(entries_, key, &Entry::key);
    Entry& entry = entries.emplace_back(before == entries_.end() ? Entry() : *before);
    entry.mailbox = mailbox.name;
    entry.key = std::move(key);
  }
  std::ranges::sort(entries, {}, &Entry::key);
  entries_ = std::move(entries);
  for (const auto& listener : listeners_) listener();
}

void LeaseBoard::note(const std::string& mailbox, Tenure tenure, Stamp since) {
  const auto entry = std::ranges::find(entries_, mailbox, &Entry::mailbox);
  if (entry == entries_.end()) return;  // of the configuration before
  const bool is_news = entry->tenure != tenure || is_stale(*entry);
  entry->tenure = tenure;
  entry->since = since;
  if (!is_news) return;
  for (const auto& listener : listeners_) listener();
}

LeaseBoard::Says LeaseBoard::says() const {
  Says says = Says::go;
  for (const auto& entry : entries_) {
    if (entry.tenure == Tenure::stand_by) return Says::stand_by;
    if (entry.tenure == Tenure::unknown || is_stale(entry)) says = Says::wait;
  }
  return says;
}

const LeaseBoard::Entry* LeaseBoard::find(const std::string& mailbox) const {
  const auto entry = std::ranges::find(entries_, mailbox, &Entry::mailbox);
  return entry == entries_.end() ? nullptr : &*entry;
}

Tenure LeaseBoard::tenure(const std::string& mailbox) const {
  const Entry* entry = find(mailbox);
  return entry == nullptr ? Tenure::unguarded : entry->tenure;
}

bool LeaseBoard::is_stale(const std::string& mailbox) const {
  const Entry* entry = find(mailbox);
  return entry != nullptr && is_stale(*entry);
}

bool LeaseBoard::may_file(const std::string& mailbox) const {
  const Tenure mine = tenure(mailbox);
  return says() != Says::stand_by && mine != Tenure::unknown && !is_stale(mailbox);
}

bool LeaseBoard::may_claim(const std::string& mailbox) const {
  for (const auto& entry : entries_) {
    if (entry.mailbox == mailbox) return true;
    if (entry.tenure == Tenure::unknown || entry.tenure == Tenure::stand_by) return false;
  }
  return true;
}

std::string LeaseBoard::writer_of(const std::string& token) const {
  const auto found = tokens_.find(token);
  return found == tokens_.end() ? std::string() : found->second;
}

void LeaseBoard::note_copy(const std::string& mailbox) {
  const auto entry = std::ranges::find(entries_, mailbox, &Entry::mailbox);
  if (entry != entries_.end()) entry->met_copy = true;
}

bool LeaseBoard::met_copy(const std::string& mailbox) const {
  const Entry* entry = find(mailbox);
  return entry != nullptr && entry->met_copy;
}

bool LeaseBoard::is_stale(const Entry& entry) const {
  return entry.tenure == Tenure::held && age(entry.since) > times_.validity;
}

std::chrono::nanoseconds LeaseBoard::age(Stamp stamp) const {
  const Stamp now = clock_();
  return std::max(std::chrono::abs(now.awake - stamp.awake), std::chrono::abs(now.wall - stamp.wall));
}

std::string lease_key(const MailboxSettings& mailbox) {
  std::string key;
  for (const auto& part : {mailbox.server.url, mailbox.server.user, mailbox.folder, mailbox.lease_folder, mailbox.name})
    key += part + "\n";
  return key;
}

LeaseTimes lease_times() {
  LeaseTimes times;
  const char* text = std::getenv("TICKETD_LEASE_SECONDS");
  const double seconds = text == nullptr ? 0 : std::strtod(text, nullptr);
  if (!(seconds >= 0.1 && seconds <= 3600)) return times;
  times.validity = std::chrono::milliseconds{static_cast<std::int64_t>(seconds * 1000)};
  times.refresh = times.validity / 3;
  times.answer = std::clamp<std::chrono::milliseconds>(times.refresh / 4, std::chrono::seconds{2}, times.answer);
  times.first_verdict = std::min(times.first_verdict, times.validity);
  times.old_verdict = std::min(times.old_verdict, 2 * times.validity);
  return times;
}

}  // namespace ticketd
