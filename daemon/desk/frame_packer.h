#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "daemon/desk/death_mark.h"
#include "store/compression.h"

namespace ticketd {

/// Writes out and compresses what a batch's mails send, on a thread of its own, while the batch goes on.
class FramePacker {
 public:
  struct Frame {
    std::int64_t outbox = 0;
    std::string octets;                       ///< of the mail; as a Compressor made them once packed
    std::function<std::string()> write = {};  ///< makes the octets; empty: they are there
    std::string work = {};                    ///< what DeathMark calls the mail that is answered
  };
  /// `mark` may be null, else it must live as long. Throws std::system_error where the system has no further thread.
  explicit FramePacker(DeathMark* mark);
  ~FramePacker();
  FramePacker(const FramePacker&) = delete;
  FramePacker& operator=(const FramePacker&) = delete;

  void add(Frame frame);
  /// All of them, packed, in their order; rethrows what packing threw. At most once.
  [[nodiscard]] std::vector<Frame> finish();

 private:
  void pack_all();
  [[nodiscard]] bool next(Frame& frame);
  void close();

  DeathMark* mark_;
  Compressor compressor_;  ///< of the thread alone, as the next two are until it has ended
  std::vector<Frame> packed_;
  std::exception_ptr error_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Frame> waiting_;
  bool closed_ = false;
  std::thread thread_;
};

}  // namespace ticketd
