#pragma once

#include <signal.h>

#include <cstdio>

#include "daemon/ctl/setup/interview.h"

namespace ticketd {

/// While it lives, a signal that ends the program (Ctrl-C, …) does so only after the terminal shows again what is
/// typed, and after telling that nothing was written. One at a time.
class InterruptNotice {
 public:
  InterruptNotice();
  ~InterruptNotice();
  InterruptNotice(const InterruptNotice&) = delete;
  InterruptNotice& operator=(const InterruptNotice&) = delete;
};

/// While it lives, such signals wait.
class SignalsHeld {
 public:
  SignalsHeld();
  ~SignalsHeld();
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;

 private:
  sigset_t before_{};
};

/// A person at the terminal on standard input. Asks again until an answer is usable; never shows a secret.
class TerminalInterview : public Interview {
 public:
  /// Questions go to `screen`.
  explicit TerminalInterview(std::FILE* screen) : screen_(screen) {}
  [[nodiscard]] std::string ask(const Question& question) override;
  void say(std::string_view text) override;
  [[nodiscard]] bool can_correct() const override { return true; }

 private:
  std::FILE* screen_;
};

}  // namespace ticketd
