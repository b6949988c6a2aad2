#include "daemon/smtp/send_mark.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <string>

#include "daemon/sources.h"

namespace ticketd {

namespace {

enum class Progress : std::uint32_t { none, leased, tried, answered };

/// So many places are looked at for a row's entry.
constexpr std::size_t kPlaces = 8;
/// Of more recipients nobody's answer is kept.
constexpr std::size_t kMostRecipients = 64;

/// FNV-1a; 0 is no mail. Message-IDs are random: the same row of a store that was restored from a backup is not the
/// same mail.
std::uint64_t key_of(std::string_view message_id) {
  std::uint64_t key = 14695981039346656037ULL;
  for (const char octet : message_id) key = (key ^ static_cast<unsigned char>(octet)) * 1099511628211ULL;
  return std::max<std::uint64_t>(key, 1);
}

using Boot = std::array<char, 40>;

/// Of the layout of the page: another program's page says nothing.
constexpr char kLayout = '2';

/// Of this start of the machine; '\0' at the front where it is not told.
Boot this_boot() {
  Boot boot{};
  const std::string id = boot_id();
  std::copy_n(id.data(), std::min(id.size(), boot.size() - 1), boot.data());
  boot.back() = kLayout;
  return boot;
}

/// What was written before it stands there when what follows does: a kill may fall between the two.
void then() { std::atomic_signal_fence(std::memory_order_seq_cst); }

}  // namespace

struct SendMark::Entry {
  std::uint64_t mail;      ///< its key; 0: free
  std::uint64_t accepted;  ///< recipients that have it, a bit each, in the row's order
  std::uint32_t attempt;
  Progress progress;
};

struct SendMark::Page {
  Boot boot;
  std::array<Entry, 2048> entries;  ///< several times as many as there are rows in memory

  Entry* find(std::uint64_t mail, std::uint64_t wanted) {
    for (std::size_t i = 0; i < kPlaces; ++i)
      if (auto& entry = entries[(mail + i) % entries.size()]; entry.mail == wanted) return &entry;
    return nullptr;
  }
};

SendMark::SendMark(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);
  if (fd < 0) return;
  // With its blocks on the disk a full one can't turn a write into a signal.
  void* memory = ::posix_fallocate(fd, 0, sizeof(Page)) == 0
                     ? ::mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
                     : MAP_FAILED;
  ::close(fd);
  if (memory == MAP_FAILED) return;
  page_ = static_cast<Page*>(memory);
  const auto boot = this_boot();
  if (boot.front() != '\0' && page_->boot == boot) return;
  forget_all();
  page_->boot = boot;
}

SendMark::~SendMark() {
  if (page_ != nullptr) ::munmap(page_, sizeof(Page));
}

SendMark::Entry* SendMark::entry_of(const OutboxRow& row) const {
  const auto key = key_of(row.mail.message_id);
  auto* entry = page_ == nullptr ? nullptr : page_->find(key, key);
  return entry != nullptr && entry->attempt == row.attempts ? entry : nullptr;
}

void SendMark::note_leased(const OutboxRow& row) {
  if (page_ == nullptr) return;
  const auto key = key_of(row.mail.message_id);
  auto* entry = page_->find(key, key);
  if (entry == nullptr) entry = page_->find(key, 0);
  if (entry == nullptr) return;
  entry->progress = Progress::none;
  then();
  entry->mail = key;
  entry->attempt = row.attempts;
  entry->accepted = 0;
  then();
  entry->progress = Progress::leased;
}

void SendMark::note_tried(const OutboxRow& row) {
  if (auto* entry = entry_of(row)) entry->progress = Progress::tried;
  then();
}

void SendMark::note_answered(const OutboxRow& row, const Delivery& delivery) {
  auto* entry = entry_of(row);
  if (entry == nullptr) return;
  if (delivery.stale_connection) {
    entry->progress = Progress::leased;
    return;
  }
  if (delivery.recipients.size() > kMostRecipients) return;
  std::uint64_t accepted = 0;
  for (std::size_t i = 0; i < delivery.recipients.size(); ++i) {
    if (delivery.recipients[i].state == DeliveryState::uncertain) return;
    if (delivery.recipients[i].state == DeliveryState::sent) accepted |= std::uint64_t{1} << i;
  }
  entry->accepted = accepted;
  then();
  entry->progress = Progress::answered;
}

void SendMark::forget(std::string_view message_id) {
  const auto key = key_of(message_id);
  if (auto* entry = page_ == nullptr ? nullptr : page_->find(key, key)) *entry = {};
}

void SendMark::forget_all() {
  if (page_ != nullptr) page_->entries.fill({});
}

std::optional<Delivery> SendMark::find(const OutboxRow& row) const {
  const auto* entry = entry_of(row);
  if (entry == nullptr || entry->progress == Progress::none || entry->progress == Progress::tried) return std::nullopt;
  Delivery delivery;
  if (entry->progress == Progress::leased) return delivery;
  for (std::size_t i = 0; i < row.mail.recipients.size(); ++i) {
    const bool has_it = i < kMostRecipients && (entry->accepted >> i & 1) != 0;
    delivery.recipients.push_back({row.mail.recipients[i],
                                   has_it ? DeliveryState::sent : DeliveryState::transient,
                                   "the mail server did not take it, and ticketd ended before it was written down why",
                                   {}});
  }
  return delivery;
}

}  // namespace ticketd
