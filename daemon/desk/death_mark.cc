#include "daemon/desk/death_mark.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>

namespace ticketd {

struct DeathMark::Page {
  std::array<char, 512> mail;  ///< ends with NUL
  std::uint32_t deaths;        ///< of the processes before that worked on it
  std::uint32_t is_at_work;
};

DeathMark::DeathMark(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);
  if (fd < 0) return;
  // With its block on the disk a full one can't turn a write into a signal.
  void* memory = ::posix_fallocate(fd, 0, sizeof(Page)) == 0
                     ? ::mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
                     : MAP_FAILED;
  ::close(fd);
  if (memory == MAP_FAILED) return;
  page_ = static_cast<Page*>(memory);
  page_->mail.back() = '\0';
  if (page_->is_at_work == 0) return;
  deadly_ = page_->mail.data();
  deaths_ = page_->deaths + 1;
}

DeathMark::~DeathMark() {
  if (page_ != nullptr) ::munmap(page_, sizeof(Page));
}

unsigned DeathMark::deaths(std::string_view mail) const {
  return mail.substr(0, sizeof(Page::mail) - 1) == deadly_ && !deadly_.empty() ? deaths_ : 0;
}

DeathMark::Work::Work(DeathMark* mark, std::string_view mail) : mark_(mark) {
  if (mark_ == nullptr || mark_->page_ == nullptr) return;
  auto& page = *mark_->page_;
  const auto name = mail.substr(0, page.mail.size() - 1);
  page.deaths = mark_->deaths(mail);
  *std::ranges::copy(name, page.mail.begin()).out = '\0';
  std::atomic_signal_fence(std::memory_order_seq_cst);
  page.is_at_work = 1;
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

DeathMark::Work::~Work() {
  std::atomic_signal_fence(std::memory_order_seq_cst);
  if (mark_ != nullptr && mark_->page_ != nullptr) mark_->page_->is_at_work = 0;
}

}  // namespace ticketd
