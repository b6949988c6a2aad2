#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>
#include <functional>
#include <span>
#include <vector>

#include "daemon/desk/worker.h"

namespace ticketd {

/// Takes fetched mails one by one and has them filed in batches: while one batch commits, the next one fills. A quiet
/// mailbox so gets a commit per mail, a backlog hundreds of mails per commit. Lives on the network's thread.
class BatchFiler {
 public:
  /// What may wait in memory while a commit is under way; `add` waits beyond.
  static constexpr std::size_t kMaxMails = 200;
  static constexpr std::size_t kMaxOctets = 8 * 1024 * 1024;
  using Filed = std::function<void(std::span<const FiledMail>)>;

  /// `filed` is called after each commit. Destroy only after `drain`, unless the io_context runs no more.
  BatchFiler(Worker& worker, MailboxState mailbox, ServerDuties duties, Filed filed,
             const boost::asio::any_io_executor& executor);

  /// Throws what filing an earlier batch threw (StoreError, StoreBusy).
  boost::asio::awaitable<void> add(FetchedMail mail);
  /// Until all that was added is committed. Throws as `add` does.
  boost::asio::awaitable<void> drain();

 private:
  void start_filing();
  boost::asio::awaitable<void> file_batches();
  boost::asio::awaitable<void> wait_while(bool (BatchFiler::*condition)() const);
  [[nodiscard]] bool full() const { return filing_ && (mails_.size() >= kMaxMails || octets_ >= kMaxOctets); }
  [[nodiscard]] bool filing() const { return filing_; }
  void rethrow();

  Worker& worker_;
  MailboxState mailbox_;
  ServerDuties duties_;
  Filed filed_;
  boost::asio::steady_timer changed_;
  std::vector<FetchedMail> mails_;
  std::size_t octets_ = 0;
  bool filing_ = false;
  std::exception_ptr error_;
};

}  // namespace ticketd
