#include "daemon/imap/batch_filer.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace ticketd {

BatchFiler::BatchFiler(Worker& worker, MailboxState mailbox, ServerDuties duties, Filed filed,
                       const boost::asio::any_io_executor& executor)
    : worker_(worker), mailbox_(std::move(mailbox)), duties_(duties), filed_(std::move(filed)), changed_(executor) {}

boost::asio::awaitable<void> BatchFiler::add(FetchedMail mail) {
  co_await wait_while(&BatchFiler::full);
  rethrow();
  octets_ += mail.arrived.octets.size();
  mails_.push_back(std::move(mail));
  if (!filing_) start_filing();
}

void BatchFiler::start_filing() {
  filing_ = true;
  boost::asio::co_spawn(changed_.get_executor(), file_batches(), [this](std::exception_ptr error) {
    error_ = std::move(error);
    // A mail may have come between the last look at the batch and this call.
    if (!error_ && !mails_.empty()) return start_filing();
    filing_ = false;
    changed_.cancel();
  });
}

boost::asio::awaitable<void> BatchFiler::drain() {
  co_await wait_while(&BatchFiler::filing);
  rethrow();
}

boost::asio::awaitable<void> BatchFiler::file_batches() {
  while (!mails_.empty()) {
    auto batch = std::exchange(mails_, {});
    octets_ = 0;
    changed_.cancel();
    const Uid cursor = std::ranges::max(batch, {}, &FetchedMail::uid).uid;
    auto job = [this, &batch, cursor](Desk& desk) { return desk.file(mailbox_, duties_, batch, cursor); };
    const auto filed = co_await worker_.run<std::vector<FiledMail>>(std::move(job));
    filed_(filed);
  }
}

boost::asio::awaitable<void> BatchFiler::wait_while(bool (BatchFiler::*condition)() const) {
  while ((this->*condition)()) {
    changed_.expires_at(std::chrono::steady_clock::time_point::max());
    co_await changed_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  }
}

void BatchFiler::rethrow() {
  if (error_) std::rethrow_exception(error_);
}

}  // namespace ticketd
