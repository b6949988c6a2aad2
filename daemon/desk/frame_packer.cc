#include "daemon/desk/frame_packer.h"

#include <utility>

namespace ticketd {

FramePacker::FramePacker(DeathMark* mark) : mark_(mark), thread_([this] { pack_all(); }) {}

FramePacker::~FramePacker() { close(); }

void FramePacker::add(Frame frame) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(frame));
  }
  changed_.notify_one();
}

std::vector<FramePacker::Frame> FramePacker::finish() {
  close();
  if (error_) std::rethrow_exception(error_);
  return std::move(packed_);
}

void FramePacker::close() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void FramePacker::pack_all() {
  try {
    for (Frame frame; next(frame);) {
      const DeathMark::Work marks(mark_, frame.work, DeathMark::Place::writing_out);
      if (const auto write = std::exchange(frame.write, {})) frame.octets = write();
      frame.octets = compressor_.compress(frame.octets);
      packed_.push_back(std::move(frame));
    }
  } catch (...) {
    error_ = std::current_exception();
  }
}

/// False when there will be none any more.
bool FramePacker::next(Frame& frame) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
  if (waiting_.empty()) return false;
  frame = std::move(waiting_.front());
  waiting_.pop_front();
  return true;
}

}  // namespace ticketd
