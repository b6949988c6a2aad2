#include "daemon/desk/batch_reader.h"

#include <fmt/format.h>

#include <system_error>

namespace ticketd {
namespace {

/// For the mark of what is worked on.
std::string name_of_mail(const MailboxState& mailbox, Uid uid) {
  return fmt::format("{}/{}/{}", mailbox.name, static_cast<std::uint32_t>(mailbox.uid_validity),
                     static_cast<std::uint32_t>(uid));
}

}  // namespace

BatchReader::BatchReader(const MailboxState& mailbox, std::span<const FetchedMail> mails, const DeskRules& rules,
                         DeathMark* mark)
    : mails_(mails), rules_(rules), mark_(mark), read_(mails.size()) {
  names_.reserve(mails.size());
  for (const auto& mail : mails) names_.push_back(name_of_mail(mailbox, mail.uid));
  if (!is_ordinary() || !start_thread()) read_all(DeathMark::Place::worker);
}

BatchReader::~BatchReader() {
  stopping_.store(true);
  if (thread_.joinable()) thread_.join();
}

/// False where the system has no further thread.
bool BatchReader::start_thread() {
  try {
    compressor_ = std::make_unique<Compressor>();
    thread_ = std::thread([this] { read_all(DeathMark::Place::reading_ahead); });
    return true;
  } catch (const std::system_error&) {
    compressor_.reset();
    return false;
  }
}

bool BatchReader::is_ordinary() const {
  constexpr std::size_t kFewest = 8, kLargest = 256 * 1024;
  constexpr std::size_t kOctets = 4 * 1024 * 1024;  // the store is locked while they are read
  std::size_t octets = 0;
  for (std::size_t i = 0; i < mails_.size(); ++i) {
    const auto size = mails_[i].arrived.octets.size();
    octets += size;
    if (size > kLargest || octets > kOctets || deaths(i) > 0) return false;
  }
  return mails_.size() >= kFewest;
}

void BatchReader::read_all(DeathMark::Place place) {
  for (std::size_t i = 0; i < mails_.size() && !stopping_.load(); ++i) {
    read_one(i, place);
    finished_.store(i + 1, std::memory_order_release);
    finished_.notify_one();
  }
}

void BatchReader::read_one(std::size_t number, DeathMark::Place place) {
  const DeathMark::Work work(mark_, names_[number], place);
  try {
    read_[number] = read_mail(mails_[number].arrived, rules_, deaths(number));
    if (compressor_) read_[number].frame = compressor_->compress(mails_[number].arrived.octets);
  } catch (...) {  // nothing may leave a thread, and the others are to be filed whatever this one is
    if (!read_[number].email) read_[number] = ReadMail{nullptr, nullptr, "can't be read"};
  }
}

const ReadMail& BatchReader::get(std::size_t number) {
  auto finished = finished_.load(std::memory_order_acquire);
  while (finished <= number) {
    finished_.wait(finished, std::memory_order_acquire);
    finished = finished_.load(std::memory_order_acquire);
  }
  return read_[number];
}

}  // namespace ticketd
