#include "daemon/ctl/removed_on_signal.h"

#include <signal.h>
#include <unistd.h>

#include <array>

namespace ticketd {
namespace {

constexpr int kEndings[] = {SIGINT, SIGTERM, SIGHUP};
constexpr std::array<const char*, 4> kSuffixes{"", "-wal", "-shm", "-journal"};

// A signal handler has no other way to know.
std::array<std::string, kSuffixes.size()>& names() {
  static std::array<std::string, kSuffixes.size()> files;
  return files;
}

/// Only what is allowed in a handler (signal-safety(7)).
void remove_and_end(int signal) {
  for (const auto& name : names()) ::unlink(name.c_str());
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

void handle_endings(void (*handler)(int)) {
  struct sigaction action {};
  ::sigemptyset(&action.sa_mask);
  for (const int signal : kEndings) {
    struct sigaction before {};
    ::sigaction(signal, nullptr, &before);
    if (before.sa_handler == SIG_IGN) continue;  // as under nohup(1)
    action.sa_handler = handler;
    ::sigaction(signal, &action, nullptr);
  }
}

}  // namespace

RemovedOnSignal::RemovedOnSignal(const std::string& file) {
  for (std::size_t i = 0; i < kSuffixes.size(); ++i) names()[i] = file + kSuffixes[i];
  handle_endings(remove_and_end);
}

RemovedOnSignal::~RemovedOnSignal() { handle_endings(SIG_DFL); }

}  // namespace ticketd
