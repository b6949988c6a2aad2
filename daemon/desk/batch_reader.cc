#include "daemon/desk/batch_reader.h"

#include <fmt/format.h>

#include <algorithm>

namespace ticketd {
namespace {

/// For the mark of what is worked on.
std::string name_of_mail(const MailboxState& mailbox, Uid uid) {
  return fmt::format("{}/{}/{}", mailbox.name, static_cast<std::uint32_t>(mailbox.uid_validity),
                     static_cast<std::uint32_t>(uid));
}

}  // namespace

BatchReader::BatchReader(const MailboxState& mailbox, std::span<const FetchedMail> mails, const ParseLimits& limits,
                         DeathMark* mark)
    : mails_(mails), limits_(limits), mark_(mark), read_(mails.size()) {
  names_.reserve(mails.size());
  for (const auto& mail : mails) names_.push_back(name_of_mail(mailbox, mail.uid));
  if (is_ordinary())
    thread_ = std::thread([this] { read_all(DeathMark::Place::reading_ahead); });
  else
    read_all(DeathMark::Place::worker);
}

BatchReader::~BatchReader() {
  stopping_.store(true);
  if (thread_.joinable()) thread_.join();
}

bool BatchReader::is_ordinary() const {
  constexpr std::size_t kFewest = 8, kLargest = 256 * 1024;
  if (mails_.size() < kFewest) return false;
  for (std::size_t i = 0; i < mails_.size(); ++i)
    if (mails_[i].arrived.octets.size() > kLargest || deaths(i) > 0) return false;
  return true;
}

void BatchReader::read_all(DeathMark::Place place) {
  for (std::size_t i = 0; i < mails_.size() && !stopping_.load(); ++i) {
    const DeathMark::Work work(mark_, names_[i], place);
    read_[i].emplace(read_mail(mails_[i].arrived, limits_, deaths(i)));
    finished_.store(i + 1, std::memory_order_release);
    finished_.notify_one();
  }
}

const ReadMail& BatchReader::get(std::size_t number) {
  auto finished = finished_.load(std::memory_order_acquire);
  while (finished <= number) {
    finished_.wait(finished, std::memory_order_acquire);
    finished = finished_.load(std::memory_order_acquire);
  }
  return *read_[number];
}

}  // namespace ticketd
