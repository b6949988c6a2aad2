#include "daemon/desk/death_mark.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <utility>

namespace ticketd {

namespace {

struct Entry {
  std::uint64_t mail;  ///< its key; 0: free
  std::uint32_t deaths;
};

/// FNV-1a; 0 is no mail.
std::uint64_t key_of(std::string_view mail) {
  std::uint64_t key = 14695981039346656037ULL;
  for (const char octet : mail) key = (key ^ static_cast<unsigned char>(octet)) * 1099511628211ULL;
  return std::max<std::uint64_t>(key, 1);
}

}  // namespace

struct DeathMark::Page {
  static constexpr std::uint64_t kLayout = 3;
  std::uint64_t layout;                  ///< kLayout; else all of it is forgotten
  std::array<std::uint64_t, 3> at_work;  ///< by place, the mail's key; 0: none
  std::uint64_t oldest;                  ///< the entry that makes room for the next one
  std::array<Entry, 1000> entries;       ///< more than there are mails in the batches of a few mailboxes

  Entry* find(std::uint64_t mail) {
    const auto found = std::ranges::find(entries, mail, &Entry::mail);
    return found == entries.end() ? nullptr : &*found;
  }

  void count_death(std::uint64_t mail) {
    auto* entry = find(mail);
    if (entry == nullptr) {
      entry = &entries[oldest % entries.size()];
      oldest = (oldest + 1) % entries.size();
      *entry = {mail, 0};
    }
    ++entry->deaths;
  }
};

DeathMark::DeathMark(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);
  if (fd < 0) return;
  // With its blocks on the disk a full one can't turn a write into a signal.
  void* memory = ::posix_fallocate(fd, 0, sizeof(Page)) == 0
                     ? ::mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
                     : MAP_FAILED;
  ::close(fd);
  if (memory == MAP_FAILED) return;
  page_ = static_cast<Page*>(memory);
  if (page_->layout != Page::kLayout) *page_ = Page{Page::kLayout, {}, 0, {}};
  for (auto& mail : page_->at_work)
    if (const auto key = std::exchange(mail, 0); key != 0) page_->count_death(key);
}

DeathMark::~DeathMark() {
  if (page_ != nullptr) ::munmap(page_, sizeof(Page));
}

unsigned DeathMark::deaths(std::string_view mail) const {
  const auto* entry = page_ == nullptr ? nullptr : page_->find(key_of(mail));
  return entry == nullptr ? 0 : entry->deaths;
}

DeathMark::Work::Work(DeathMark* mark, std::string_view mail, Place place) {
  if (mark == nullptr || mark->page_ == nullptr) return;
  at_work_ = &mark->page_->at_work[static_cast<std::size_t>(place)];
  *at_work_ = key_of(mail);
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

DeathMark::Work::~Work() {
  std::atomic_signal_fence(std::memory_order_seq_cst);
  if (at_work_ != nullptr) *at_work_ = 0;
}

}  // namespace ticketd
