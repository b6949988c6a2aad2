#pragma once

#include <string>

namespace ticketd {

/// While it lives, a signal that ends the program (Ctrl-C, a stop by systemd) removes a file that is being written, and
/// what SQLite keeps beside it. One at a time.
class RemovedOnSignal {
 public:
  explicit RemovedOnSignal(const std::string& file);
  ~RemovedOnSignal();
  RemovedOnSignal(const RemovedOnSignal&) = delete;
  RemovedOnSignal& operator=(const RemovedOnSignal&) = delete;
};

}  // namespace ticketd
