#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "daemon/desk/death_mark.h"
#include "daemon/desk/mail_work.h"
#include "store/compression.h"

namespace ticketd {

/// Reads the mails of a batch in their order, finds their facts and, on a thread of its own, compresses them, while
/// whoever takes them works on the first ones. All of them at once, before the first one is taken, where there are few
/// or large ones, or where the process has ended over one of them: then one thing is done at a time, so that it is
/// known over which.
class BatchReader {
 public:
  /// What it is given must outlive it; `mark` may be null.
  BatchReader(const MailboxState& mailbox, std::span<const FetchedMail> mails, const DeskRules& rules, DeathMark* mark);
  /// Reads no further; waits for the mail that is being read.
  ~BatchReader();
  BatchReader(const BatchReader&) = delete;
  BatchReader& operator=(const BatchReader&) = delete;

  /// Waits until it is read.
  [[nodiscard]] const ReadMail& get(std::size_t number);
  /// Are they read on a thread of their own?
  [[nodiscard]] bool reads_ahead() const { return thread_.joinable(); }
  /// By what `mark` knows it.
  [[nodiscard]] const std::string& name(std::size_t number) const { return names_[number]; }
  /// How often the process ended over it.
  [[nodiscard]] unsigned deaths(std::size_t number) const { return mark_ ? mark_->deaths(names_[number]) : 0; }

 private:
  [[nodiscard]] bool is_ordinary() const;
  [[nodiscard]] bool start_thread();
  void read_all(DeathMark::Place place);
  void read_one(std::size_t number, DeathMark::Place place);

  std::span<const FetchedMail> mails_;
  const DeskRules& rules_;
  DeathMark* mark_;
  std::vector<std::string> names_;
  std::unique_ptr<Compressor> compressor_;  ///< nullptr without a thread: then it is left to the store
  std::vector<ReadMail> read_;              ///< each written by whoever reads, before `finished_` says so
  std::atomic<std::size_t> finished_{0};    ///< so many, from the first on
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace ticketd
